import { execFile, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import t from 'tap'
import { build } from './build.js'
import { readSettings } from '../program/settings.js'
import { PROBLEM_KINDS, PROBLEM_NAMES } from '../schemas/problem-kinds.js'
import { readLimits } from '../stores/postgres/limits.js'
import * as api from '../app.js'

t.setTimeout(120_000)

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
  const program = [process.execPath, ...process.execArgv, 'program/main.ts'].map((word) => `'${word}'`).join(' ')
  const line = command.replace('curl', 'curl -s').replaceAll('http://127.0.0.1:8000', address).replace('node dist/server.cjs', program)
  const { stdout } = await run('sh', ['-c', `exec 2>&1; ${line}`], { cwd: root })
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

/** The status of a request without credentials, where an app is not simply open. */
const STATUS: Record<string, number> = { 'examples/guarded.mjs': 401 }

for (const example of await filesIn('examples')) {
  t.test(`${example} runs`, async (t) => {
    const text = (await read(example)).replace("'programming-languages-api'", `'${new URL('app.ts', root)}'`).replace('port: 3000', 'port: 0')
    t.match(text, 'port: 0')
    const app = spawn(process.execPath, [...process.execArgv, '--input-type=module', '--eval', `${text}\nconsole.log(app.server.address().port)`], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit']
    })
    t.teardown(() => app.kill())
    const [port] = await once(app.stdout, 'data')
    const answer = await fetch(`http://127.0.0.1:${String(port).trim()}/api/programming_languages/0`)
    t.equal(answer.status, STATUS[example] ?? 200)
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

t.test('the table of settings has every one, with its default', (t) => {
  const rows = rowsBelow('docs/operating.md', '## Settings')
  t.same(new Set(rows.map(([name, , standard]) => `${name} ${standard}`)), new Set(Object.entries(readSettings({})).map(([name, standard]) => `\`${name}\` \`${standard}\``)))
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
    prefix: true, store: true, records: true, keyLifetime: true, idempotencyScope: true, storeWait: true, onStoreGivenUp: true, documentation: true, log: true
  }
  t.same(rowsBelow('docs/embedding.md', '## Options').map(([name]) => name), Object.keys(options).map((name) => `\`${name}\``))
  t.end()
})

t.test('what the package exports is named', (t) => {
  const named = rowsBelow('docs/embedding.md', '## What else is exported').flatMap(([names = '']) => names.match(/(?<=`)\w+/g) ?? [])
  t.same(Object.keys(api).filter((name) => name !== 'default' && !named.includes(name)), [])
  t.end()
})
