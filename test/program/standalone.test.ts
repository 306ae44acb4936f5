import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { build, LANGUAGE } from '../build.js'
import { connectTo, request, statusesOf } from '../wire.js'

/** A connection to the API on a server of its own. */
async function connect (t: Test) {
  const app = build(t)
  await app.listen({ port: 0, host: '127.0.0.1' })
  return { app, ...await connectTo(t, app.server) }
}

/** What the server answers to these bytes, until it closes the connection. */
async function exchange (t: Test, bytes: string): Promise<string> {
  const { send, closed } = await connect(t)
  send(bytes)
  return await closed
}

const CASES: [string, string, RegExp][] = [
  ['what is no HTTP', 'GET HTTP/1.1\r\n\r\n', /^HTTP\/1\.1 400 Bad Request\r\n/],
  ['what has no version of HTTP', 'GET /health\r\n\r\n', /^HTTP\/1\.1 400 Bad Request\r\n/],
  ['what begins as an unknown method would', 'BAD\r\n\r\n', /^HTTP\/1\.1 400 Bad Request\r\n/],
  ['the beginning of TLS', '\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03', /^HTTP\/1\.1 400 Bad Request\r\n/],
  ['an unknown method', 'FOO /health HTTP/1.1\r\nHost: x\r\n\r\n', /^HTTP\/1\.1 501 Not Implemented\r\n/],
  ['the method of proxies', 'CONNECT 127.0.0.1:80 HTTP/1.1\r\nHost: x\r\n\r\n', /^HTTP\/1\.1 501 Not Implemented\r\n/],
  ['fields that are too large', `GET /health HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(40_000)}\r\n\r\n`, /^HTTP\/1\.1 431 Request Header Fields Too Large\r\n/]
]

for (const [name, bytes, status] of CASES) {
  t.test(`${name} is a problem too`, async (t) => {
    const answer = await exchange(t, bytes)
    t.match(answer, status)
    t.match(answer, /\r\ncontent-type: application\/problem\+json\r\n[^]*\r\nx-content-type-options: nosniff\r\n[^]*\r\nDate: [^]*\r\nConnection: close\r\n/)
    const body = answer.slice(answer.indexOf('\r\n\r\n') + 4)
    t.match(answer, `\r\ncontent-length: ${body.length}\r\n`)
    t.match(JSON.parse(body), { type: /^urn:problem-type:[a-z-]+$/, status: Number(answer.slice(9, 12)), detail: 'what was sent cannot be read as an HTTP request' })
  })
}

t.test('a port in use is an error of who listens, and is not logged', async (t) => {
  const { app } = await connect(t)
  await t.rejects(build(t).listen({ port: Number(new URL(app.listeningOrigin).port), host: '127.0.0.1' }), { code: 'EADDRINUSE' })
})

t.test('a connection that the client has closed is left alone', async (t) => {
  const { app, socket, connection, send } = await connect(t)
  send('GET / HTTP/1.1\r\nHost')
  while (connection.bytesRead === 0) await setTimeout(5)
  socket.resetAndDestroy()
  await once(app.server, 'clientError')
  const response = await fetch(`${app.listeningOrigin}/health`)
  t.equal(response.status, 200)
})

const LIST = '/programming_languages'
const create = (name: string) => withBody(`POST ${LIST}`, { ...LANGUAGE, name })
const withBody = (line: string, content: unknown) => {
  const body = JSON.stringify(content)
  return request(line, `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n`) + body
}

t.test('what is no HTTP and comes after a request leaves the answer to that as it is', async (t) => {
  const { app, send, closed } = await connect(t)
  send(create('X') + 'hello\r\n\r\n')
  const answer = await closed
  t.match(answer, /^HTTP\/1\.1 201 [^]*"name":"X"[^]*}HTTP\/1\.1 [45]\d\d /)
  t.equal((await fetch(`${app.listeningOrigin}${LIST}/8`)).status, 200)
})

t.test('on a connection that was used before, it is refused too', async (t) => {
  const { send, until, closed } = await connect(t)
  send(request('GET /health'))
  await until(/}$/)
  send('GET HTTP/1.1\r\n\r\n')
  t.match(await closed, /^HTTP\/1\.1 200 OK\r\n[^]*{"status":"ok"}HTTP\/1\.1 400 Bad Request\r\n/)
})

t.test('pipelined requests have the effects that they would have one after another', async (t) => {
  const { send, closed } = await connect(t)
  const years = Array.from({ length: 50 }, (_, i) => 1950 + i)
  const writes = years.map((year) => withBody(`PUT ${LIST}/0`, { ...LANGUAGE, publication_year: year }) + request(`GET ${LIST}/0`))
  send(writes.join('') + request(`DELETE ${LIST}/0`) + request(`GET ${LIST}/0`, 'Connection: close\r\n'))
  const answer = await closed
  t.same(Array.from(answer.matchAll(/"publication_year":(\d+)/g), ([, year]) => Number(year)), years.flatMap((year) => [year, year]))
  t.same(statusesOf(answer).slice(-2), [204, 404])
})

t.test('a request with more fields than are read is refused', async (t) => {
  const answer = await exchange(t, request(`DELETE ${LIST}/0`, 'A: b\r\n'.repeat(999) + 'If-Match: "stale"\r\n') + request(`GET ${LIST}/0`, 'Connection: close\r\n'))
  t.same(statusesOf(answer), [431, 200])
})

t.test('bodies that are received at once are bounded', async (t) => {
  const { app, send, until } = await connect(t)
  const header = request(`POST ${LIST}`, 'Content-Type: application/json\r\nContent-Length: 1048576\r\n')
  const slow = await Promise.all(Array.from({ length: 70 }, () => connectTo(t, app.server)))
  for (const client of slow) client.send(header + ' '.repeat(1_040_000))
  t.match(await Promise.race(slow.map((client) => client.until(/}$/))), /^HTTP\/1\.1 503 [^]*\r\nretry-after: 1\r\n/)
  send(withBody(`POST ${LIST}`, LANGUAGE))
  t.match(await until(/}$/), /^HTTP\/1\.1 201 /, 'a short one needs no room')
  // What they hold is of the whole process.
  for (const { socket } of slow) socket.destroy()
  await Promise.all(slow.map(async ({ connection }) => { if (!connection.closed) await once(connection, 'close') }))
})

t.test('a request that does not come to its end is 408', async (t) => {
  const app = build(t, { limits: { fieldsTimeout: 100, requestTimeout: 100, checkInterval: 10 } })
  await app.listen({ port: 0, host: '127.0.0.1' })
  const { send, closed } = await connectTo(t, app.server)
  send('GET /health HTTP/1.1\r\nHost: x\r\n')
  t.match(await closed, /^HTTP\/1\.1 408 Request Timeout\r\n/)
})

t.test('on the wire: a 304 and a 204 have no body, HEAD has the length of the body that GET has', async (t) => {
  const answer = await exchange(t, [
    request('GET /programming_languages/0', 'If-None-Match: *\r\n'),
    request('HEAD /programming_languages/0'),
    request('OPTIONS /health'),
    request('DELETE /programming_languages/1'),
    request('GET /programming_languages/99', 'Connection: close\r\n')
  ].join(''))
  t.same(statusesOf(answer), [304, 200, 204, 204, 404])
  t.equal(answer.match(/content-length: 76\r\n/gi)?.length, 1, 'the answer to HEAD')
  t.equal(answer.match(/\{/g)?.length, 1, 'one body: the problem')
})

t.test('a body over 1 MiB, sent in chunks, is 413', async (t) => {
  const answer = await exchange(t, [
    'POST /programming_languages HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n',
    ...Array.from({ length: 17 }, () => `10000\r\n${' '.repeat(0x10000)}\r\n`)
  ].join(''))
  t.match(answer, /^HTTP\/1\.1 413 Payload Too Large\r\n/)
})
