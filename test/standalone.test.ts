import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { build } from './build.js'

/** What the server answers to these bytes, until it closes the connection. */
async function exchange (t: Test, bytes: string): Promise<string> {
  const app = build(t)
  await app.listen({ port: 0, host: '127.0.0.1' })
  const socket = connect(Number(new URL(app.listeningOrigin).port), '127.0.0.1')
  t.teardown(() => socket.destroy())
  socket.write(bytes)
  let answer = ''
  socket.setEncoding('latin1').on('data', (chunk) => { answer += chunk })
  await once(socket, 'close')
  return answer
}

const CASES: [string, string, RegExp][] = [
  ['what is no HTTP', 'GET HTTP/1.1\r\n\r\n', /^HTTP\/1\.1 400 Bad Request\r\n/],
  ['an unknown method', 'FOO /health HTTP/1.1\r\nHost: x\r\n\r\n', /^HTTP\/1\.1 501 Not Implemented\r\n/],
  ['the method of proxies', 'CONNECT 127.0.0.1:80 HTTP/1.1\r\nHost: x\r\n\r\n', /^HTTP\/1\.1 501 Not Implemented\r\n/],
  ['fields that are too large', `GET /health HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(40_000)}\r\n\r\n`, /^HTTP\/1\.1 431 Request Header Fields Too Large\r\n/]
]

for (const [name, bytes, status] of CASES) {
  t.test(`${name} is a problem too`, async (t) => {
    const answer = await exchange(t, bytes)
    t.match(answer, status)
    t.match(answer, /\r\nContent-Type: application\/problem\+json\r\n/)
    const body = answer.slice(answer.indexOf('\r\n\r\n') + 4)
    t.match(answer, `\r\nContent-Length: ${body.length}\r\n`)
    t.match(JSON.parse(body), { type: 'about:blank', status: Number(answer.slice(9, 12)), detail: 'what was sent cannot be read as an HTTP request' })
  })
}

t.test('a connection that the client has closed is left alone', async (t) => {
  const app = build(t)
  await app.listen({ port: 0, host: '127.0.0.1' })
  const socket = connect(Number(new URL(app.listeningOrigin).port), '127.0.0.1')
  socket.write('GET / HTTP/1.1\r\nHost')
  const [connection] = await once(app.server, 'connection')
  while (connection.bytesRead === 0) await setTimeout(5)
  socket.resetAndDestroy()
  await once(app.server, 'clientError')
  const response = await fetch(`${app.listeningOrigin}/health`)
  t.equal(response.status, 200)
})

t.test('what comes after an answer and is no HTTP gets no answer into it', async (t) => {
  const app = build(t)
  await app.listen({ port: 0, host: '127.0.0.1' })
  const socket = connect(Number(new URL(app.listeningOrigin).port), '127.0.0.1')
  let answer = ''
  socket.setEncoding('latin1').on('data', (chunk) => {
    answer += chunk
    socket.write('hello\r\n\r\n')
  })
  socket.write('GET /health HTTP/1.1\r\nHost: x\r\n\r\n')
  await once(socket, 'close')
  t.same(answer.match(/HTTP\/1\.1 \d+/g), ['HTTP/1.1 200'])
})

t.test('on the wire: a 304 and a 204 have no body, HEAD has the length of the body that GET has', async (t) => {
  const send = (method: string, path: string, fields = '') => `${method} ${path} HTTP/1.1\r\nHost: x\r\n${fields}\r\n`
  const answer = await exchange(t, [
    send('GET', '/programming_languages/0', 'If-None-Match: *\r\n'),
    send('HEAD', '/programming_languages/0'),
    send('OPTIONS', '/health'),
    // Of other languages: Node.js does not wait for one pipelined request before it begins the next.
    send('DELETE', '/programming_languages/1'),
    send('GET', '/programming_languages/99', 'Connection: close\r\n')
  ].join(''))
  const heads = answer.match(/HTTP\/1\.1 \d+/g)
  t.same(heads, ['HTTP/1.1 304', 'HTTP/1.1 200', 'HTTP/1.1 204', 'HTTP/1.1 204', 'HTTP/1.1 404'])
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
