import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import { call, listening, many, NODE_OPTIONS, NOT_COUNTED, signalAll } from '../program.js'

const ROOT = new URL('../../index.ts', import.meta.url)

/** A module of somebody who runs an API of two resources. */
const moduleOf = (options: string) => `
import { Type } from '@sinclair/typebox'
import { createApi, defineResource, serve } from '${ROOT}'

const properties = { title: Type.String({ maxLength: 300 }) }
const books = defineResource({ name: 'book', plural: 'books', description: 'A book', properties, id: ['title'] })
const films = defineResource({ name: 'film', plural: 'films', description: 'A film', properties })
await serve(createApi({ resources: [books, films], paths: { docs: ${options} } }))
`

/** Starts such a module, and ends it with the test. */
function start (t: Test, settings: Record<string, string>, { docs = "'/docs'", env = NOT_COUNTED }: { docs?: string, env?: NodeJS.ProcessEnv } = {}) {
  const folder = t.testdir({ 'program.mjs': moduleOf(docs) })
  const program = spawn(process.execPath, [...NODE_OPTIONS, join(folder, 'program.mjs')], {
    env: { ...env, PORT: '0', STORE: `lmdb:${join(folder, 'data')}`, ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true
  })
  const closed = once(program, 'close')
  t.teardown(async () => {
    signalAll(program, 'SIGKILL')
    await closed
  })
  const output = { out: '', err: '' }
  program.stdout.on('data', (chunk) => { output.out += chunk })
  program.stderr.on('data', (chunk) => { output.err += chunk })
  return { program, output, closed }
}

t.test('workers run the module of whoever calls it, and share one folder', async (t) => {
  const { program, output, closed } = start(t, { WORKERS: '2' })
  const address = await listening(program, output)
  const books = await many(20, () => call(address, 'POST /books', { body: { title: 'Peopleware' } }))
  t.same(books.map(({ status }) => status).sort(), [201, ...Array.from({ length: 19 }, () => 409)])
  const films = await many(10, (i) => call(address, 'POST /films', { body: { title: `The ${i}` } }))
  t.same(films.map(({ body }) => body.id).sort(), Array.from({ length: 10 }, (_, i) => i))
  t.match(await call(address, 'GET /films?total=true'), { body: { total: 10 } })
  program.kill('SIGTERM')
  t.same(await closed, [0, null])
})

t.test('says where the documentation is, if it is anywhere', async (t) => {
  for (const [docs, line] of [["'/manual'", /listening at (http:\S+), documentation at \1\/manual"/], ['false', /listening at http:[^\s,]+"/]] as const) {
    const { program, output, closed } = start(t, { STORE: 'memory:' }, { docs, env: process.env })
    await listening(program, output)
    t.match(output.out, line)
    program.kill('SIGTERM')
    t.same(await closed, [0, null])
  }
})

t.test('a bad setting is one clear line, and exit code 1', async (t) => {
  const { output, closed } = start(t, { STORE: 'mysql:', WORKERS: '1' })
  t.same(await closed, [1, null])
  t.match(output, { out: '', err: /^cannot start: there is no store mysql:, only [^\n]*\n$/ })
})

t.test('prints the SQL of all of its tables', async (t) => {
  const folder = t.testdir({ 'program.mjs': moduleOf('false') })
  const { stdout } = await promisify(execFile)(process.execPath, [...NODE_OPTIONS, join(folder, 'program.mjs'), '--print-sql'])
  for (const table of ['books', 'books_receipts', 'films', 'films_receipts']) t.match(stdout, new RegExp(`create table (if not exists )?"${table}"`, 'i'))
})

t.test('an app that registers an API loads nothing of the program', async (t) => {
  const hooks = "export function resolve (name, context, next) { if (/[/]program[/]|close-with-grace|^pino/.test(name)) throw new Error('too much: ' + name); return next(name, context) }"
  const data = (text: string) => `data:text/javascript,${encodeURIComponent(text)}`
  const refuse = data(`import { register } from 'node:module'; register('${data(hooks).replaceAll("'", '%27')}')`)
  const load = (text: string) => promisify(execFile)(process.execPath, [...NODE_OPTIONS, '--import', refuse, '--input-type=module', '--eval', text], { env: NOT_COUNTED })
  await load(`await import('${ROOT}')`)
  await t.rejects(load(`const { default: api, serve } = await import('${ROOT}'); await serve(api)`), { message: /too much: \.\/program\/serve/ })
})
