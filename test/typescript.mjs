import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { register } from 'node:module'
import { isMainThread } from 'node:worker_threads'

// Hooks of Node.js that run TypeScript, for `--import`. They keep what the compiler made in a file of `.tap/typescript` for each source, so that
// few of the many processes of the tests load the compiler, which takes several times as long as all else that they load.

if (isMainThread) register(import.meta.url)

const CACHE = new URL('../.tap/typescript/', import.meta.url)
const OPTIONS = { target: 'es2023', module: 'esnext', verbatimModuleSyntax: true, sourceMap: false, inlineSourceMap: true, inlineSources: true }
const VERSION = JSON.parse(readFileSync(new URL('../node_modules/typescript/package.json', import.meta.url), 'utf8')).version

const hash = (text) => createHash('sha1').update(text).digest('hex')

/** A source imports another by the name that it has when it is compiled. */
export function resolve (specifier, context, next) {
  const isOfSource = context.parentURL?.endsWith('.ts') && /^\.{1,2}\/.*\.js$/.test(specifier)
  return next(isOfSource ? specifier.replace(/js$/, 'ts') : specifier, context)
}

export async function load (url, context, next) {
  if (!url.startsWith('file:') || !url.endsWith('.ts')) return next(url, context)
  return { format: 'module', source: await compiled(new URL(url)), shortCircuit: true }
}

async function compiled (url) {
  const text = readFileSync(url, 'utf8')
  const found = new URL(`${hash(url.pathname)}.js`, CACHE)
  const first = `// ${hash(VERSION + JSON.stringify(OPTIONS) + text)}\n`
  const kept = existsSync(found) ? readFileSync(found, 'utf8') : ''
  if (kept.startsWith(first)) return kept.slice(first.length)
  const { default: { transpileModule } } = await import('typescript')
  const { outputText } = transpileModule(text, { fileName: url.pathname, compilerOptions: OPTIONS })
  // Another process may be doing the same.
  const made = new URL(`${hash(url.pathname)}.${process.pid}`, CACHE)
  mkdirSync(CACHE, { recursive: true })
  writeFileSync(made, first + outputText)
  renameSync(made, found)
  return outputText
}
