import { execFile, spawn, spawnSync } from 'node:child_process'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { TProperties } from '@sinclair/typebox'
import t, { type Test } from 'tap'
import { build, LANGUAGE } from './build.js'
import { builtProgram, call, listening, NODE_OPTIONS, NOT_COUNTED, type Content } from './program.js'
import { SETTINGS } from '../program/settings.js'
import type { Keywords } from '../schemas/keywords.js'
import { PROBLEM_KINDS, PROBLEM_NAMES } from '../schemas/problem-kinds.js'
import { readLimits } from '../stores/postgres/limits.js'
import * as api from '../index.js'
import * as testing from './testing.js'

const root = new URL('..', import.meta.url)
const read = (path: string) => readFile(new URL(path, root), 'utf8')
const filesIn = async (folder: string) => (await readdir(new URL(folder, root))).sort().map((name) => `${folder}/${name}`)

const pages = ['README.md', ...(await filesIn('docs')).filter((path) => path.endsWith('.md'))]
const texts = await Promise.all(pages.map(read))

const run = promisify(execFile)
const hasCurl = spawnSync('curl', ['--version']).status === 0
/** Where the tests are to write down what they find, with `npx tap --snapshot`, the pages get the answers of today. */
const writes = process.env['TAP_SNAPSHOT'] === '1'

for (const [i, page] of pages.entries()) {
  t.test(`every command of ${page} answers as printed`, { skip: hasCurl ? false : 'there is no curl on this machine' }, async (t) => {
    const text = texts[i] ?? ''
    const address = await build(t).listen({ port: 0, host: '127.0.0.1' })
    const replayed = await replay(text, address)
    if (writes) await writeFile(new URL(page, root), replayed)
    else t.equal(withoutIds(replayed), withoutIds(text))
  })
}

t.test('the pages have commands', (t) => {
  const count = (text = '') => text.match(/^\$ /gm)?.length
  t.equal(count(texts[0]), 6, 'one for each operation in the README')
  t.ok(texts.join('').matchAll(/```console\n(?!\$ )/g).next().done, 'each block of them begins with one')
  t.end()
})

/** A page with the answers that its commands, which begin with `$`, get in their order from one server just started. */
async function replay (text: string, address: string): Promise<string> {
  const parts = text.split(/^\$ (.*\n)((?:(?!\$ |```).*\n)*)/m)
  for (let i = 1; i < parts.length; i += 3) {
    const [command = ''] = parts.splice(i, 2, '', '')
    parts[i] = `$ ${command}`
    parts[i + 1] = await answerTo(command, address)
  }
  return parts.join('')
}

async function answerTo (command: string, address: string): Promise<string> {
  const line = command.replace('curl', 'curl -s').replaceAll('http://127.0.0.1:8000', address).replace('node dist/server.cjs', () => `'${process.execPath}' '${builtProgram().file()}'`)
  const { stdout } = await run('sh', ['-c', `exec 2>&1; ${line}`], { cwd: root, env: NOT_COUNTED })
  // Without the fields that differ each time.
  const lasting = stdout.replaceAll('\r', '').replace(/^(date|connection|keep-alive): .*\n/gim, '').trim()
  return lasting === '' ? '' : `${lasting}\n`
}

/** The id of a request is another each time. */
function withoutIds (text: string): string {
  return text.replaceAll(/"instance":"[\w:-]+"/g, '"instance":"…"')
}

t.test('each example in JavaScript is a file in examples, and each of these is printed', async (t) => {
  const blocks = texts.flatMap((text) => [...text.matchAll(/```js\n(.*?)```/gs)].map(([, block = '']) => block))
  t.same(new Set(blocks), new Set(await Promise.all((await filesIn('examples')).map(read))))
})

/** What each example is asked, one after the other, and what it answers. */
const ANSWERS: Record<string, [request: string, answer: object, content?: Content][]> = {
  'examples/host.mjs': [['GET /api/programming_languages/0', { status: 200, body: { name: 'COBOL' } }]],
  'examples/guarded.mjs': [
    ['GET /api/programming_languages/0', { status: 401, headers: { 'www-authenticate': 'Bearer' } }],
    ['GET /api/programming_languages/0', { status: 200 }, { headers: { authorization: 'Bearer secret' } }]
  ],
  'examples/hooks.mjs': [
    ['POST /api/notes', { status: 401 }, { body: { text: 'a' } }],
    ['POST /api/notes', { status: 201, body: { id: 0, text: 'a', owner: 'ann', created_at: /Z$/, updated_at: /Z$/ } }, { headers: { authorization: 'Bearer a' }, body: { text: 'a' } }],
    ['PATCH /api/notes/0', { status: 403, body: { detail: 'this note belongs to ann' } }, { headers: { authorization: 'Bearer b' }, body: { text: 'b' } }],
    ['PATCH /api/notes/0', { status: 400, body: { errors: [{ pointer: '/owner' }] } }, { headers: { authorization: 'Bearer a' }, body: { owner: 'bob' } }],
    ['PATCH /api/notes/0', { status: 200, body: { text: 'b', owner: 'ann' } }, { headers: { authorization: 'Bearer a' }, body: { text: 'b' } }],
    ['GET /api/notes?owner=ann', { status: 200, body: { notes: [{ text: 'b' }] } }]
  ],
  'examples/ids.mjs': [
    ['POST /api/notes', { status: 201, headers: { location: /^\/api\/notes\/[0-9a-f]{8}-[0-9a-f]{4}-7/ } }, { body: { text: 'a' } }],
    ['PUT /api/countries/SE', { status: 201 }, { body: { code: 'SE', name: 'Sweden' } }],
    ['POST /api/countries', { status: 409, headers: { location: '/api/countries/SE' } }, { body: { code: 'SE', name: 'Sverige' } }],
    ['POST /api/editions', { status: 201, headers: { location: '/api/editions/Gull%C3%ADver/1726' } }, { body: { title: 'Gullíver', year: 1726 } }],
    ['GET /api/editions/Gull%C3%ADver/1726', { status: 200, body: { title: 'Gullíver' } }]
  ],
  'examples/program.mjs': [
    ['GET /books?in_print=true', { status: 200, body: { books: [{ id: 0, title: 'The Mythical Man-Month' }] } }],
    ['POST /books', { status: 201, body: { in_print: true } }, { body: { title: 'Peopleware' } }],
    ['GET /nowhere', { status: 404, headers: { 'content-type': 'application/problem+json' } }]
  ],
  'examples/read-only.mjs': [
    ['GET /api/elements?number_lte=2', { status: 200, body: { elements: [{ symbol: 'H' }, { symbol: 'He' }] } }],
    ['POST /api/elements', { status: 405, headers: { allow: 'GET, HEAD, OPTIONS' } }, { body: { symbol: 'Be', number: 4 } }]
  ],
  'examples/resource.mjs': [
    ['GET /api/books?cheaper_than=70', { status: 200, body: { books: [{ isbn: '9780262510875' }] } }],
    ['POST /api/books', { status: 409 }, { body: { isbn: '9780201896831', title: 'Structure and Interpretation of Computer Programs' } }]
  ],
  'examples/resources.mjs': [
    ['GET /api/authors?born_lt=1940-01-01', { status: 200, body: { authors: [{ id: 0, born: '1938-01-10' }] } }],
    ['GET /api/books?author_id=0&total=true', { status: 200, body: { books: [{ id: 0 }], total: 1 } }],
    ['GET /api/openapi.json', { status: 200, body: { info: { title: 'Library', version: '2.1.0' } } }]
  ],
  'examples/store.mjs': [
    ['POST /api/programming_languages', { status: 201 }, { body: LANGUAGE }],
    ['GET /api/programming_languages/8', { status: 200, body: LANGUAGE }]
  ],
  'examples/writers.mjs': [
    ['POST /api/books', { status: 401, headers: { 'www-authenticate': 'Bearer' } }, { body: { title: 'A' } }],
    ['POST /api/books', { status: 201 }, { headers: { authorization: 'Bearer secret' }, body: { title: 'A' } }],
    ['GET /api/books/0', { status: 200, body: { title: 'A' } }],
    ['GET /api/openapi.json', {
      body: { components: { securitySchemes: { token: { scheme: 'bearer' } } }, paths: { '/api/books': { post: { security: [{ token: [] }] }, get: { security: undefined } } } }
    }]
  ]
}

const examples = await filesIn('examples')
const isTest = (example: string) => example.endsWith('.test.mjs')

/** Writes an example where it imports the sources in place of the package. */
function copyOf (t: Test, text: string): string {
  const local = text.replaceAll(/'programming-languages-api(\/testing)?'/g, (_, testing) => `'${new URL(testing ? 'test/testing.ts' : 'index.ts', root)}'`)
  return join(t.testdir({ 'example.mjs': local }), 'example.mjs')
}

for (const example of examples.filter(isTest)) {
  t.test(`${example} passes`, async (t) => {
    const { stdout } = await run(process.execPath, [...NODE_OPTIONS, '--test-reporter=tap', copyOf(t, await read(example))], { env: NOT_COUNTED })
    t.match(stdout, /^# pass [1-9]/m)
    t.match(stdout, /^# fail 0$/m)
  })
}

for (const example of examples.filter((example) => !isTest(example))) {
  t.test(`${example} runs`, async (t) => {
    const lines = await read(example)
    t.ok(lines.split('\n').length <= 40)
    const text = lines.replace('port: 3000', 'port: 0')
    const says = "console.log('listening at http://127.0.0.1:' + app.server.address().port)"
    const file = copyOf(t, lines.includes('const app') ? `${text}\n${says}\n` : text)
    const program = spawn(process.execPath, [...NODE_OPTIONS, file], { env: { ...NOT_COUNTED, PORT: '0' }, stdio: ['ignore', 'pipe', 'inherit'] })
    t.teardown(() => program.kill())
    const output = { out: '' }
    program.stdout.on('data', (chunk) => { output.out += chunk })
    const address = await listening(program, output)
    for (const [request, answer, content] of ANSWERS[example] ?? []) t.match(await call(address, request, content), answer, request)
    t.ok(example in ANSWERS)
  })
}

/** The rows of the table below a heading of a page, as their cells. */
function rowsBelow (page: string, heading: string): string[][] {
  const text = texts[pages.indexOf(page)] ?? ''
  const [table = ''] = text.slice(text.indexOf(`\n${heading}\n`)).match(/^\|.*\n(?:\|.*\n)+/m) ?? []
  return table.trim().split('\n').slice(2).map((row) => row.split('|').slice(1, -1).map((cell) => cell.trim()))
}

t.test('the table of problems has every kind', (t) => {
  t.same(rowsBelow('docs/http.md', '## Errors'), PROBLEM_NAMES.map((name) => {
    const { status, when, advice } = PROBLEM_KINDS[name]
    return [String(status), `\`${name}\``, when, advice]
  }))
  t.end()
})

t.test('the table of settings has every one, as its schema describes it', (t) => {
  const described = Object.entries<Keywords>(SETTINGS.properties).map(([name, { description, default: standard }]) =>
    [`\`${name}\``, description, standard === undefined ? '' : `\`${String(standard)}\``])
  t.same(rowsBelow('docs/operating.md', '## Settings'), described)
  t.end()
})

t.test('the table of the limits in the URL of a database has every one, with its default', (t) => {
  const { max, server, lists, driver: { connectionString, ...driver } } = readLimits('postgres://host/database')
  const limits = { max, ...driver, ...server, list_statement_timeout: lists.statement_timeout }
  const rows = rowsBelow('docs/stores.md', '### Limits in the URL')
  t.same(new Set(rows.map(([name, , standard]) => `${name} ${standard}`)), new Set(Object.entries(limits).map(([name, standard]) => `\`${name}\` ${standard}`)))
  t.end()
})

t.test('the table of options has every one', (t) => {
  const options: Record<keyof api.ApiOptions | 'prefix', true> = {
    prefix: true, store: true, records: true, keyLifetime: true, idempotencyScope: true, guard: true, storeWait: true, onStoreGivenUp: true, isReady: true, documentation: true, log: true
  }
  t.same(rowsBelow('docs/embedding.md', '## Options').map(([name]) => name), Object.keys(options).map((name) => `\`${name}\``))
  t.end()
})

t.test('the tables of what a resource and an API are made of have every member', (t) => {
  const members: Record<keyof api.Definition<TProperties, 'counter', object>, true> = {
    name: true, plural: true, description: true, properties: true, id: true, filters: true, sortable: true, unique: true, records: true, page: true, operations: true, onWrite: true
  }
  const options: Record<keyof api.ApiDefinition, true> = { resources: true, title: true, description: true, version: true, securitySchemes: true, info: true, bodyLimit: true, paths: true }
  for (const [heading, all] of [['## The definition', members], ['## The API', options]] as const) {
    t.same(rowsBelow('docs/resources.md', heading).map(([name]) => name), Object.keys(all).map((name) => `\`${name}\``), heading)
  }
  t.end()
})

t.test('what the package exports is named', (t) => {
  const namesIn = (page: string, heading: string) => rowsBelow(page, heading).flatMap(([names = '']) => names.match(/(?<=`)\w+/g) ?? [])
  const named = namesIn('docs/embedding.md', '## What else is exported')
  t.same(Object.keys(api).filter((name) => name !== 'default' && !named.includes(name)), [])
  t.same(new Set(namesIn('docs/stores.md', '## A store of your own')), new Set(Object.keys(testing)))
  t.end()
})
