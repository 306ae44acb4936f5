import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import t, { type Test } from 'tap'
import { HTTP_TESTS } from '../build.js'
import { newFolder } from '../lmdb.js'
import { openDatabases } from '../postgres.js'
import { call, listening, NOT_COUNTED, startOn } from '../program.js'
import { LEFT_OUT } from '../runtimes/left-out.js'

// The HTTP suite, and the program, on the runtimes beside Node.js.
t.setTimeout(1_800_000)

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

const FILES = [...HTTP_TESTS, 'app', 'http/content-coding', 'program/connections', 'routes/kinds', 'stores/lmdb', 'stores/memory']

/** The versions that npm has, in their packages of the same name, and how each runs a file. */
const RUNTIMES = { bun: { version: '1.4.5', options: [] }, deno: { version: '2.9.6', options: ['run', '--allow-all'] } } as const

const folder = await bundle()
const runtimes = process.env.TEST_RUNTIMES ?? await install()

/** Bundles the tests with a tap that runs everywhere. */
async function bundle (): Promise<string> {
  mkdirSync(join(ROOT, 'dist/torture'), { recursive: true })
  const outdir = mkdtempSync(join(ROOT, 'dist/torture/runtimes-'))
  t.teardown(() => rmSync(outdir, { recursive: true }))
  cpSync(join(ROOT, 'package.json'), join(outdir, 'package.json'))
  await build({
    entryPoints: FILES.map((file) => join(ROOT, `test/${file}.test.ts`)),
    bundle: true,
    splitting: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    alias: { tap: join(ROOT, 'test/runtimes/tap.ts') },
    outExtension: { '.js': '.mjs' },
    outdir,
    outbase: ROOT,
    logOverride: { 'empty-glob': 'silent' }
  })
  return outdir
}

async function install (): Promise<string> {
  const place = newFolder()
  const packages = Object.entries(RUNTIMES).map(([name, { version }]) => `${name}@${version}`)
  const [code] = await once(spawn('npm', ['install', '--prefix', place, '--no-save', ...packages], { stdio: 'ignore' }), 'close')
  t.equal(code, 0, `npm install ${packages.join(' ')}`)
  return place
}

/** Runs a file of tests to its end, and gives what it says of each. */
async function run (t: Test, [command = '', ...options]: readonly string[], file: string, leftOut: readonly string[]) {
  const child = spawn(command, [...options, join(folder, `test/${file}.test.mjs`)], {
    cwd: ROOT,
    env: { ...NOT_COUNTED, LEFT_OUT: JSON.stringify(leftOut) },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 300_000,
    killSignal: 'SIGKILL'
  })
  const output = { out: '', err: '' }
  child.stdout.on('data', (chunk) => { output.out += chunk })
  child.stderr.on('data', (chunk) => { output.err += chunk })
  const [code] = await once(child, 'close')
  t.equal(code, 0, `${file} runs to its end${code === 0 ? '' : `: ${output.err}`}`)
  const lines = output.out.split('\n').filter((line) => line.startsWith('{"names":'))
  return lines.map((line): { names: string[], faults?: string[], leftOut?: true } => JSON.parse(line))
}

for (const [name, { options }] of Object.entries(RUNTIMES)) {
  const command = [join(runtimes, 'node_modules/.bin', name), ...options]
  const reasons = new Map(LEFT_OUT.filter(({ on }) => on.includes(name)).flatMap(({ differs, tests }) => tests.map((test) => [test, differs])))

  t.test(`the HTTP suite on ${name}`, async (t) => {
    const unseen = new Set(reasons.keys())
    for (const file of FILES) {
      await t.test(file, async (t) => {
        const outcomes = await run(t, command, file, Array.from(reasons.keys()))
        t.ok(outcomes.length > 0)
        for (const { names, faults = [], leftOut } of outcomes) {
          const [last = ''] = names.slice(-1)
          unseen.delete(last)
          if (leftOut) t.pass(names.join(' > '), { skip: reasons.get(last) ?? true })
          else t.same(faults, [], names.join(' > '))
        }
      })
    }
    t.same(Array.from(unseen), [], 'what is left out is there')
  })

  t.test(`the program on ${name}, on every store`, async (t) => {
    const { fresh } = await openDatabases(t)
    for (const store of ['memory:', `lmdb:${newFolder()}`, await fresh()]) {
      const { program, output, exited } = startOn(command, t, { STORE: store })
      const address = await listening(program, output)
      const created = await call(address, 'POST /programming_languages', { body: { name: 'Simula 67', publication_year: 1967, contribution: 'classes' } })
      t.match(created, { status: 201, headers: { location: '/programming_languages/8' } }, store)
      t.match(await call(address, `GET ${created.headers.location}`), { status: 200, headers: { etag: created.headers.etag } })
      t.match(await call(address, 'PUT /programming_languages/8', { body: {}, headers: { 'if-match': '"stale"' } }), { status: 412 })
      t.equal((await call(address, 'GET /programming_languages?limit=5')).body.programming_languages.length, 5)
      program.kill('SIGTERM')
      t.same(await exited, [0, null], 'a signal ends it')
      t.match(output.out, '"msg":"closed"')
    }
  })
}
