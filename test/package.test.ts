import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { posix } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'

const root = new URL('..', import.meta.url)
const read = (page: string) => readFile(new URL(page, root), 'utf8')

const [{ files }]: [{ files: { path: string }[] }] = JSON.parse(await run('npm', ['pack', '--dry-run', '--json', '--ignore-scripts']))
const packed = new Set(files.map(({ path }) => path))

/** What is compiled for the package: the product, and what it has for the tests of others, with what that imports. */
const COMPILED = /^((index|app)|(program|routes|openapi|plugins|http|stores|schemas)\/.*|test\/(testing|resources|stores\/contract))\.ts$/

t.test('the package has what is meant for its users, and nothing else: where dist has more or less, build it anew', async (t) => {
  const tracked = (await run('git', ['ls-files', '--cached', '--others', '--exclude-standard'])).trim().split('\n')
  const compiled = tracked.filter((path) => COMPILED.test(path)).flatMap((path) => ['.js', '.d.ts'].map((end) => `dist/${path.replace(/\.ts$/, end)}`))
  const pages = tracked.filter((path) => /^(docs|examples)\//.test(path))
  const others = ['package.json', 'LICENSE', 'README.md', 'CHANGELOG.md', 'SECURITY.md', 'bench/README.md', 'bench/results/bench.svg']
  t.same([...packed].sort(), [...others, ...pages, ...compiled].sort())
  t.ok(compiled.length > 100)
})

t.test('CONTRIBUTING.md has the reason of each dependency', async (t) => {
  const manifest: Record<string, Record<string, string>> = JSON.parse(await read('package.json'))
  const fields = { dependencies: 'product', peerDependencies: 'peer', devDependencies: 'development', overrides: 'override' }
  const uses = Object.entries(fields).flatMap(([field, use]) => Object.keys(manifest[field] ?? {}).map((name) => `${name}: ${use}`))
  const rows = (await read('CONTRIBUTING.md')).matchAll(/^\| `([^`]+)` \| ([a-z, ]+) \| .+ \|$/gm)
  t.same([...rows].flatMap(([, name, all = '']) => all.split(', ').map((use) => `${name}: ${use}`)).sort(), uses.sort())
})

for (const page of [...packed].filter((path) => path.endsWith('.md'))) {
  t.test(`every link of ${page} leads to what is in the package`, async (t) => {
    for (const target of await linksOf(page)) {
      const [path, heading] = target.split('#')
      const file = path === '' ? page : posix.join(posix.dirname(page), path ?? '')
      t.ok(packed.has(file), target)
      if (heading !== undefined) t.ok((await headingsOf(file)).includes(heading), target)
    }
  })
}

t.test('every link of CONTRIBUTING.md leads to what is in the repository', async (t) => {
  for (const target of await linksOf('CONTRIBUTING.md')) t.ok(existsSync(new URL(target, root)), target)
})

async function run (command: string, args: readonly string[]): Promise<string> {
  return (await promisify(execFile)(command, args, { cwd: root, shell: process.platform === 'win32' })).stdout
}

/** Where the links of a page lead, but for those to other sites. */
async function linksOf (page: string): Promise<string[]> {
  const links = (await read(page)).matchAll(/\]\(([^)]*)\)/g)
  return Array.from(links, ([, target = '']) => target).filter((target) => !target.startsWith('https://'))
}

/** The headings of a page, as links name them. */
async function headingsOf (page: string): Promise<string[]> {
  const headings = (await read(page)).matchAll(/^#+ (.*)$/gm)
  return Array.from(headings, ([, heading = '']) => heading.toLowerCase().replaceAll(/[^\w\- ]/g, '').replaceAll(' ', '-'))
}
