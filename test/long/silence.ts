import { connect } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { LANGUAGE } from '../build.js'
import { newFolder } from '../lmdb.js'
import { openDatabases, startProxy } from '../postgres.js'
import { listening, said, start, startWorkers, SURPRISE } from '../program.js'
import { request } from '../wire.js'

// Of tokens, keys and passwords, nothing is ever in what the program says: whatever the level of the log, and whatever happens.

const LIST = '/programming_languages'
const TOKEN = 'token-secret'
const PASSWORD = 'pass&word-secret'

const { fresh } = await openDatabases(t)

/** No text that has "secret" in it is to be there, nor its bytes as JSON writes those of a buffer. */
function checkSilent (t: Test, { out, err }: { out: string, err: string }, ...passwords: readonly string[]): void {
  for (const secret of ['secret', ...passwords]) {
    for (const spelling of [secret, encodeURIComponent(secret), [...Buffer.from(secret)].join(), Buffer.from(secret).toString('hex')]) t.notOk((out + err).includes(spelling), spelling)
  }
}

const AUTHORIZED = `Authorization: Bearer ${TOKEN}\r\n`
const SECRETS = 'Authorization: Bearer wrong-secret\r\nProxy-Authorization: Basic secret\r\nCookie: session=secret\r\nIdempotency-Key: key-secret\r\n'
const BODY = JSON.stringify(LANGUAGE)

const withBody = (line: string, fields: string, body = BODY, type = 'application/json') => request(line, `${fields}Content-Type: ${type}\r\nContent-Length: ${body.length}\r\n`) + body
const KEY = 'Idempotency-Key: "the key secret"\r\n'

/** What a client who has secrets may send, and what comes of it while all is well. */
const REQUESTS: readonly [bytes: string, status: number][] = [
  [withBody(`POST ${LIST}`, AUTHORIZED + KEY), 201],
  [withBody(`POST ${LIST}`, AUTHORIZED + KEY), 201],
  [withBody(`POST ${LIST}`, AUTHORIZED + KEY, '{"name":"X","publication_year":1,"contribution":"another"}'), 422],
  [withBody(`PATCH ${LIST}/1`, `${AUTHORIZED}Idempotency-Key: patch-secret\r\n`, '{"name":"X"}'), 200],
  [request(`GET ${LIST}/1`, AUTHORIZED + KEY), 200],
  [request(`DELETE ${LIST}/2`, AUTHORIZED + KEY), 204],
  [request(`DELETE ${LIST}/2`, AUTHORIZED + KEY), 404],
  [request('GET /nowhere', SECRETS), 404],
  [request(`TRACE ${LIST}`, SECRETS), 405],
  [request('OPTIONS *', SECRETS), 204],
  [withBody(`POST ${LIST}`, SECRETS), 401],
  [withBody(`POST ${LIST}`, 'Authorization: secret\r\n'), 401],
  [withBody(`POST ${LIST}`, `${AUTHORIZED}Idempotency-Key: "secret\r\n`), 400],
  [withBody(`POST ${LIST}`, `${AUTHORIZED}Idempotency-Key: secret,secret\r\n`), 400],
  [withBody(`POST ${LIST}`, `${AUTHORIZED}Idempotency-Key: "a-secret\r\nIdempotency-Key: b-secret"\r\n`), 400],
  [withBody(`PUT ${LIST}/1`, `${AUTHORIZED}If-Match: "stale"\r\n${KEY}`), 412],
  [withBody(`POST ${LIST}`, AUTHORIZED + KEY, BODY, 'text/plain'), 415],
  [withBody(`POST ${LIST}`, AUTHORIZED + KEY, '{"name":'), 400],
  [withBody(`POST ${LIST}`, AUTHORIZED + KEY, 'x'.repeat(1024 * 1024 + 1)), 413],
  [request('GET /%zz', SECRETS), 400],
  [request(`GET ${LIST}#x`, SECRETS), 400],
  [request(`GET ${LIST}`, `Host: y\r\n${SECRETS}`), 400],
  [request(`GET ${LIST}`, `${SECRETS}Authorization: Bearer \0secret\r\n`), 400],
  [request(`GET ${LIST}`, `${SECRETS}Authorization secret\r\n`), 400],
  [request(`GET ${LIST}`, `${SECRETS}X: ${'x'.repeat(40_000)}\r\n`), 431],
  [request(`GET ${LIST}`, SECRETS + 'A: b\r\n'.repeat(1000)), 431],
  [request(`POST ${LIST}`, `${AUTHORIZED}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n`) + 'secret\r\n', 400],
  [request(`POST ${LIST}`, `${SECRETS}Transfer-Encoding: secret\r\n`), 501],
  [request('FOO /health', SECRETS), 501],
  [request('CONNECT secret:80', SECRETS).replace('secret:80', 'x:80'), 501],
  [`GET /health HTTP/3.0\r\nHost: x\r\n${SECRETS}\r\n`, 505],
  [`Authorization: Bearer ${TOKEN}\r\n\r\n`, 400]
]

/** The status of the answer to some bytes on a connection of their own. */
async function send (address: string, bytes: string): Promise<number> {
  const { hostname, port } = new URL(address)
  const socket = connect(Number(port), hostname).setEncoding('latin1')
  const answer = new Promise<number>((resolve, reject) => {
    socket.on('error', reject).on('data', (chunk) => resolve(Number(String(chunk).split(' ')[1])))
  })
  socket.write(bytes, 'latin1')
  return await answer.finally(() => socket.destroy())
}

const SETTINGS = { LOG_LEVEL: 'trace', ACCESS_LOG: 'all', METRICS: 'true', STORE_WAIT: '1' }

for (const [name, store, workers] of [
  ['a server with its records in memory', () => 'memory:', 1],
  ['workers on a folder', () => `lmdb:${newFolder()}`, 2],
  ['a server on PostgreSQL', fresh, 1]
] as const) {
  t.test(`${name} says no secret: of requests that are answered, are refused, or cannot be read, of tokens read again, of an error that nothing caught`, async (t) => {
    const file = join(t.testdir({ tokens: `${TOKEN}\n` }), 'tokens')
    const url = await store()
    const settings = { ...SETTINGS, ...SURPRISE, API_TOKENS: 'other-secret', API_TOKENS_FILE: file, STORE: url }
    const { program, output, exited } = workers === 1 ? start(t, settings) : startWorkers(t, workers, settings)
    const address = await listening(program, output)
    for (const [bytes, status] of REQUESTS) t.equal(await send(address, bytes), status, bytes.slice(0, 300))
    program.kill('SIGHUP')
    await said(program, output, /there are 2 now/)
    program.kill('SIGWINCH')
    t.same(await exited, [1, null])
    t.match(output.out, /an error that nothing caught/)
    for (const status of new Set(REQUESTS.map(([, status]) => status))) t.match(output.out, new RegExp(`"status":${status},.*"msg":"answered"`))
    t.match(output.out, /"level":20,.*"msg":"the token is not taken"/)
    checkSilent(t, output, ...url.startsWith('postgres') ? [decodeURIComponent(new URL(url).password), new URL(url).password] : [])
  })
}

t.test('nor does one whose database is away', async (t) => {
  const away = { now: false }
  const url = await startProxy(t, await fresh(), () => away.now ? 'away' : true)
  const { program, output, exited } = start(t, { ...SETTINGS, API_TOKENS: TOKEN, STORE: url })
  const address = await listening(program, output)
  away.now = true
  for (const bytes of [withBody(`POST ${LIST}`, AUTHORIZED + KEY), request(`GET ${LIST}`, SECRETS), request('GET /health', SECRETS)]) t.equal(await send(address, bytes), 503)
  program.kill('SIGTERM')
  t.same(await exited, [0, null])
  t.match(output.out, /"level":50,/)
  checkSilent(t, output, decodeURIComponent(new URL(url).password), new URL(url).password)
})

t.test('nor one that cannot start', async (t) => {
  const real = new URL(await fresh())
  real.password = PASSWORD
  const file = join(t.testdir({ tokens: 'one\nnot a secret\n' }), 'tokens')
  const bad: Record<string, string>[] = [
    ...[
      `postgres://somebody:${encodeURIComponent(PASSWORD)}@127.0.0.1:1/x`, `postgres://somebody:${encodeURIComponent(PASSWORD)}@127.0.0.1:99999/x`, `postgres://somebody:${PASSWORD}@a b/x`, 'postgres://somebody:pass%secret@127.0.0.1/x',
      'postgres://somebody:pass/#?secret@127.0.0.1:x/x', 'postgres:somebody:secret@127.0.0.1', 'postgres//somebody:secret@127.0.0.1/x', 'mysql://somebody:secret@127.0.0.1/x', 'postgres://127.0.0.1:1/x?user=somebody&password=secret',
      'postgres://somebody:secret@127.0.0.1:1/x?max=many', 'postgres://somebody:secret@127.0.0.1:1/x?sslmode=none', 'postgres://somebody:secret@127.0.0.1:1/x?sslrootcert=/nowhere', 'postgres://somebody:secret@nowhere.invalid/x',
      'postgres://somebody:secret@127.0.0.1:1/x?options=-c%20secret', real.href
    ].map((STORE) => ({ STORE })),
    { API_TOKENS: 'one,not a secret' },
    { API_TOKENS_FILE: file },
    { PORT: 'x', API_TOKENS: TOKEN, STORE: 'postgres://somebody:secret@127.0.0.1/x' }
  ]
  for (const settings of bad) {
    const { output, exited } = start(t, { ...SETTINGS, ...settings })
    t.same(await exited, [1, null], JSON.stringify(settings))
    checkSilent(t, output, PASSWORD)
  }
  // A worker that has waited in vain is replaced, for ever.
  const { program, output, closed } = start(t, { ...SETTINGS, WORKERS: '2', STORE: 'postgres://somebody:secret@127.0.0.1:1/x' })
  await said(program, output, /is gone/)
  program.kill('SIGTERM')
  await closed
  checkSilent(t, output)
  const flags = start(t, {}, '--api-tokens', 'not a secret', '--store=postgres://somebody:secret@127.0.0.1:x/x', '--port=0', '--secretly')
  t.same(await flags.exited, [1, null])
  t.match(flags.output.err, '--secretly is unknown; API_TOKENS must be tokens')
  checkSilent(t, { ...flags.output, err: flags.output.err.replace('--secretly', '') })
})
