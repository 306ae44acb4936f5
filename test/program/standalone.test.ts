import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { build, LANGUAGE } from '../build.js'
import { connectTo, request, statusesOf } from '../wire.js'

// A machine may have much else to do.
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

const LIST = '/programming_languages'
const X = 'x'.repeat(40_000)
const JSON_TYPE = 'Content-Type: application/json\r\n'

const create = (name: string) => withBody(`POST ${LIST}`, { ...LANGUAGE, name })
const withBody = (line: string, content: unknown) => {
  const body = JSON.stringify(content)
  return request(line, `${JSON_TYPE}Content-Length: ${body.length}\r\n`) + body
}

const CASES: [name: string, bytes: string, status: number, detail?: RegExp][] = [
  ['what is no HTTP', 'GET HTTP/1.1\r\n\r\n', 400],
  ['what has no version of HTTP', 'GET /health\r\n\r\n', 400],
  ['what begins as an unknown method would', 'BAD\r\n\r\n', 400],
  ['the beginning of TLS', '\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03', 400],
  ['the beginning of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
  ['a version that is none', 'GET /health HTTP/one\r\nHost: x\r\n\r\n', 400],
  ['another version of HTTP', 'GET /health HTTP/2.0\r\nHost: x\r\n\r\n', 505, /HTTP\/1\.1/],
  ['another version of HTTP/1', 'GET /health HTTP/1.7\r\nHost: x\r\n\r\n', 505, /HTTP\/1\.1/],
  ['a version with something behind it', 'GET /health HTTP/1.1x\r\nHost: x\r\n\r\n', 400],
  ['a version with a space behind it', 'GET /health HTTP/1.0 \r\nHost: x\r\n\r\n', 400],
  ['an unknown method', request('FOO /health'), 501, /method/],
  ['the method of proxies', request('CONNECT 127.0.0.1:80'), 501, /proxy/],
  ['a fragment', request(`GET ${LIST}/0#x`), 400, /fragment/],
  ['a fragment behind a query', request(`GET ${LIST}?limit=1#x`), 400, /fragment/],
  ['a target that is not ASCII', request(`GET ${LIST}?name=\xe9`), 400],
  ['a control character in the target', request(`GET ${LIST}?name=\x01`), 400],
  ['a space in the target', request(`GET ${LIST}?name=a b`), 400],
  ['a target without a slash', request('GET health'), 400],
  ['a target for the server as a whole', request('GET *'), 400, /neither a path nor an http URI/],
  ['a URI of another scheme', request('GET ftp://x/health'), 400, /neither a path nor an http URI/],
  ['a URI without a host', request('GET http:///health'), 400, /http URI/],
  ['a URI with a name of a user', request('GET http://me@x/health'), 400, /http URI/],
  ['a URI that needs TLS', request('GET HTTPS://x/health'), 400, /TLS/],
  ['no Host', 'GET /health HTTP/1.1\r\n\r\n', 400, /Host/],
  ['two Hosts', request('GET /health', 'Host: x\r\n'), 400, /Host/],
  ['a Host that is no host', 'GET /health HTTP/1.1\r\nHost: a b/c?@\r\n\r\n', 400, /Host/],
  ...['a%zz', ':80', '[:::::]'].map((host): (typeof CASES)[0] => [`a Host of ${host}`, `GET /health HTTP/1.1\r\nHost: ${host}\r\n\r\n`, 400, /Host/]),
  ['an unknown expectation', request('GET /health', 'Expect: much\r\n'), 417, /expectation/],
  ['an unknown transfer coding', request(`POST ${LIST}`, 'Transfer-Encoding: foo\r\n'), 501, /coding/],
  ['an unknown transfer coding before chunked', request(`POST ${LIST}`, 'Transfer-Encoding: foo, chunked\r\n') + '0\r\n\r\n', 501, /coding/],
  ['an unknown transfer coding in a field of its own', request(`POST ${LIST}`, 'Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n') + '0\r\n\r\n', 501, /coding/],
  ['an unknown transfer coding after chunked', request(`POST ${LIST}`, 'Transfer-Encoding: chunked, foo\r\n') + '0\r\n\r\n', 501, /coding/],
  ['a transfer coding in HTTP/1.0', `POST ${LIST} HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, 400, /HTTP\/1\.0/],
  ['a transfer coding with a length', request(`POST ${LIST}`, 'Transfer-Encoding: chunked\r\nContent-Length: 5\r\n') + '0\r\n\r\n', 400],
  ['a length with a transfer coding', request(`POST ${LIST}`, 'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n') + '0\r\n\r\n', 400],
  ['a target that is too long', request(`GET ${LIST}?name=${X}`), 414, /target/],
  ['fields that are too large', request('GET /health', `X: ${X}\r\n`), 431, /fields/],
  ['a field that is too large, without a space', request('GET /health', `X:${X}\r\n`), 431, /fields/],
  ['a body that is no chunk', request(`POST ${LIST}`, `${JSON_TYPE}Transfer-Encoding: chunked\r\n`) + 'z\r\n', 400]
]

t.test('of what cannot be read, or is not taken', async (t) => {
  const app = build(t)
  await app.listen({ port: 0, host: '127.0.0.1' })

  for (const [name, bytes, status, detail = /^what was sent cannot be read as an HTTP request$/] of CASES) {
    await t.test(`${name} is a problem, after the answers before it`, async (t) => {
      for (const before of ['', request('GET /health'), request('HEAD /health') + create('X')]) {
        const { send, closed } = await connectTo(t, app.server)
        send(before + bytes)
        const answers = (await closed).split(/(?=HTTP\/1\.1 \d{3} )/)
        const last = answers.at(-1) ?? ''
        t.same(statusesOf(answers.slice(0, -1).join('')), before === '' ? [] : before.includes('POST') ? [200, 201] : [200])
        t.equal(statusesOf(last)[0], status)
        t.match(last, /\r\ncontent-type: application\/problem\+json\r\n[^]*\r\nx-content-type-options: nosniff\r\n[^]*\r\nDate: [^]*\r\nConnection: close\r\n/)
        const body = last.slice(last.indexOf('\r\n\r\n') + 4)
        t.match(last, `\r\ncontent-length: ${body.length}\r\n`)
        t.match(JSON.parse(body), { type: /^(urn:problem-type:[a-z-]+|about:blank)$/, title: String, status, detail, instance: /^urn:request:[a-z\d]+-[a-z\d]+$/ })
      }
    })
  }
})

t.test('every answer with data, or with nothing, is safe to be led to', async (t) => {
  const app = build(t)
  await app.listen({ port: 0, host: '127.0.0.1' })
  const ITEM = `${LIST}/0`
  const requests = [
    ...['GET /', 'GET /health', 'GET /health/live', 'GET /openapi.json', `GET ${LIST}`, `HEAD ${LIST}`, `GET ${ITEM}`, `OPTIONS ${ITEM}`, `TRACE ${ITEM}`, 'OPTIONS *'].map((target) => request(target)),
    ...['/nowhere', '/%', `${LIST}/x`, `${LIST}/999`].map((target) => request(`GET ${target}`)),
    request(`GET ${ITEM}`, 'If-None-Match: *\r\n'), create('X'), create('Y').replace('\r\n', '\r\nPrefer: return=minimal\r\n'), request(`DELETE ${ITEM}`, 'If-Match: "stale"\r\n'), request(`DELETE ${ITEM}`)
  ]
  const { send, closed } = await connectTo(t, app.server)
  send(`${requests.join('')}BAD\r\n\r\n`)
  const answers = (await closed).split(/(?=HTTP\/1\.1 \d{3} )/)
  t.same(answers.flatMap((answer) => statusesOf(answer)), [302, 200, 200, 200, 200, 200, 200, 204, 405, 204, 404, 400, 400, 404, 304, 201, 201, 412, 204, 400])
  for (const answer of answers) {
    for (const field of ['x-content-type-options: nosniff', 'x-frame-options: DENY', "content-security-policy: default-src 'none'; frame-ancestors 'none'"]) {
      t.match(answer, `\r\n${field}\r\n`)
    }
  }
})

t.test('a target that is too long is told from fields, wherever the packets of the request begin', async (t) => {
  for (const [first, second, status] of [
    [`GET ${LIST}?name=${X.slice(20_000)}`, `${X} HTTP/1.1\r\nHost: x\r\n\r\n`, 414],
    [`GET /health HTTP/1.1\r\nHost: x\r\nX: ${X.slice(20_000)}`, `${X}\r\nY: y\r\n\r\n`, 431]
  ] as const) {
    const { send, connection, closed } = await connect(t)
    send(first)
    while (connection.bytesRead < first.length) await setTimeout(5)
    send(second)
    t.same(statusesOf(await closed), [status])
  }
})

t.test('targets and Hosts that are right are taken', async (t) => {
  const { send, until } = await connect(t)
  const hosts = ['x', 'x:8000', 'x:', '', '127.0.0.1', '[::1]:8000', 'a_b.example', 'xn--e1afmkfd.example', '%C3%A9.example']
  const targets = [`${LIST}/0`, `http://y${LIST}/0`, `HTTP://[::1]:80${LIST}/0?`]
  const requests = hosts.flatMap((host) => targets.map((target) => `GET ${target} HTTP/1.1\r\nHost: ${host}\r\n\r\n`))
  send(requests.join('') + `GET ${LIST}/0 HTTP/1.0\r\n\r\n`)
  const answer = await until(/Connection: close[^]*}$/)
  t.same(statusesOf(answer), Array.from({ length: requests.length + 1 }, () => 200))
})

t.test('of two media types, none is chosen', async (t) => {
  const body = JSON.stringify(LANGUAGE)
  const fields = `${JSON_TYPE}Content-Type: text/plain\r\nContent-Length: ${body.length}\r\nConnection: close\r\n`
  t.same(statusesOf(await exchange(t, request(`POST ${LIST}`, fields) + body)), [415])
})

t.test('a request that asks for another protocol is the last, and nothing behind it is taken for a request', async (t) => {
  const { app, send, until, closed } = await connect(t)
  const hidden = request(`DELETE ${LIST}/5`)
  send(request('GET /health', 'Connection: Upgrade\r\nUpgrade: h2c\r\n') + request(`POST ${LIST}`, `${JSON_TYPE}Content-Length: ${hidden.length}\r\n`))
  await until(/}$/)
  send(hidden)
  t.match(await closed, /^HTTP\/1\.1 200 OK\r\n[^]*Connection: close\r\n[^]*{"status":"ok"}$/)
  t.equal((await fetch(`${app.listeningOrigin}${LIST}/5`)).status, 200)
})

t.test('OPTIONS may ask about the server as a whole', async (t) => {
  const { send, until } = await connect(t)
  send(request('OPTIONS *', 'X-Request-Id: abc\r\n'))
  t.match(await until(/\r\n\r\n$/), /^HTTP\/1\.1 204 No Content\r\nallow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS\r\n[^]*x-request-id: abc\r\n/)
})

t.test('a client that ends its connection after CONNECT does not end the process', async (t) => {
  const { app, socket, send, until } = await connect(t)
  send(request('CONNECT x:80'))
  await until(/}$/)
  socket.resetAndDestroy()
  await setTimeout(50)
  t.equal((await fetch(`${app.listeningOrigin}/health`)).status, 200)
})

t.test('CONNECT lets the answer before it come to its end', async (t) => {
  const answer = await exchange(t, request('GET /docs/static/swagger-ui-bundle.js') + request('CONNECT x:80'))
  t.match(answer, /^HTTP\/1\.1 200 [^]*HTTP\/1\.1 501 Not Implemented\r\n/)
})

const EXPECT = 'Expect: 100-continue\r\n'

for (const [name, header, status] of [
  ['to no path', request('POST /nowhere', `${EXPECT}${JSON_TYPE}Content-Length: 9\r\n`), 404],
  ['with a method that the path does not take', request(`POST ${LIST}/0`, `${EXPECT}${JSON_TYPE}Content-Length: 9\r\n`), 405],
  ['whose body is too large', request(`POST ${LIST}`, `${EXPECT}${JSON_TYPE}Content-Length: 9999999\r\n`), 413],
  ['whose body has another media type', request(`POST ${LIST}`, `${EXPECT}Content-Type: text/plain\r\nContent-Length: 9\r\n`), 415],
  ['without a body', request('GET /health', EXPECT), 200]
] as const) {
  t.test(`a request ${name} is not told to continue`, async (t) => {
    t.same(statusesOf(await exchange(t, header)), [status])
  })
}

t.test('another request is told to continue when its turn has come', async (t) => {
  const { send, until } = await connect(t)
  const body = JSON.stringify(LANGUAGE)
  send(create('X') + request(`POST ${LIST}`, `${EXPECT}${JSON_TYPE}Content-Length: ${body.length}\r\n`))
  await until(/HTTP\/1\.1 100 Continue\r\n\r\n$/)
  send(body)
  t.same(statusesOf(await until(/100 Continue[^]*}$/)), [201, 100, 201])
})

t.test('the id of a request is the one that its client gave it, and is sent back, or else one of the server', async (t) => {
  const lines: string[] = []
  const app = build(t, { logger: { level: 'debug', stream: { write: (line: string) => { lines.push(line) } } } })
  await app.listen({ port: 0, host: '127.0.0.1' })
  const { send, until } = await connectTo(t, app.server)
  const requests = [`GET ${LIST}/0`, `GET ${LIST}`, `DELETE ${LIST}/1`, `OPTIONS ${LIST}`, 'GET /docs', 'GET /', 'GET /health', `GET ${LIST}/99`, 'GET /nowhere', 'PUT /docs', 'GET *']
  send(requests.map((line, i) => request(line, `X-Request-Id: my"${i}\r\n`)).join(''))
  const answer = await until(/Connection: close[^]*}$/)
  t.same(Array.from(answer.matchAll(/\r\nx-request-id: my"(\d+)\r\n/g), ([, i]) => Number(i)), requests.map((_, i) => i))
  t.same(Array.from(answer.matchAll(/"instance":"(.*?)"/g), ([, instance]) => instance), [7, 8, 9, 10].map((i) => `urn:request:my%22${i}`))
  t.same(lines.map((line) => JSON.parse(line).reqId).filter((id) => id !== undefined), [7, 8, 9, 10].map((i) => `my"${i}`))

  for (const field of ['', 'X-Request-Id: \r\n', 'X-Request-Id: a b\r\n', `X-Request-Id: ${'x'.repeat(129)}\r\n`, 'X-Request-Id: a\r\nX-Request-Id: b\r\n', 'X-Request-Id: \xe9\r\n']) {
    const answer = await exchange(t, request('GET /nowhere', field + 'Connection: close\r\n'))
    t.match(answer, /"instance":"urn:request:[a-z\d]+-[a-z\d]+"/)
    t.notMatch(answer, /x-request-id/i)
  }
})

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
  const { app, send, until } = await connect(t)
  send(request(`DELETE ${LIST}/0`, 'A: b\r\n'.repeat(999) + 'If-Match: "stale"\r\n'))
  t.same(statusesOf(await until(/}$/)), [431])
  t.equal((await fetch(`${app.listeningOrigin}${LIST}/0`)).status, 200)
})

t.test('bodies that are received at once are bounded', async (t) => {
  const { app, send, until } = await connect(t)
  const header = request(`POST ${LIST}`, 'Content-Type: application/json\r\nContent-Length: 1048576\r\n')
  const slow = await Promise.all(Array.from({ length: 70 }, () => connectTo(t, app.server)))
  for (const client of slow) client.send(header + ' '.repeat(1_040_000))
  // Those that have been kept for a second are cut off without an answer, which on a busy machine may come first.
  t.match(await Promise.any(slow.map((client) => client.until(/}$/))), /^HTTP\/1\.1 503 [^]*\r\nretry-after: 1\r\n/)
  send(withBody(`POST ${LIST}`, LANGUAGE))
  t.match(await until(/}$/), /^HTTP\/1\.1 201 /, 'a short one needs no room')
  // What they hold is of the whole process.
  for (const { socket } of slow) socket.destroy()
  // The end of one may be a reset, which is an error.
  await Promise.all(slow.map(({ connection }) => connection.closed || new Promise((resolve) => connection.once('close', resolve))))
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
    ...[LIST, `${LIST}/0`, '/openapi.json'].map((path) => request(`HEAD ${path}`, 'If-None-Match: *\r\n')),
    request('HEAD /programming_languages/0'),
    request('OPTIONS /health'),
    request('DELETE /programming_languages/1'),
    request('GET /programming_languages/99', 'Connection: close\r\n')
  ].join(''))
  t.same(statusesOf(answer), [304, 304, 304, 304, 200, 204, 204, 404])
  t.equal(answer.match(/content-length/gi)?.length, 2, 'of HEAD, and of the problem')
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
