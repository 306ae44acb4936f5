import { EventEmitter, once } from 'node:events'
import { Server, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { HttpError } from '../../http/error.js'
import { createConnections } from '../../program/connections.js'
import type { ConnectionLimits } from '../../program/limits.js'
import { connectTo, request, statusesOf } from '../wire.js'

const MIB = 1024 * 1024

/** A server that answers by `handle`, with what it has logged. */
async function serve (t: Test, handle: RequestListener, limits: Partial<ConnectionLimits> = {}) {
  const logged: string[] = []
  const log = { debug: () => {}, warn: (message: string) => { logged.push(message) }, error: (_: Error, message: string) => { logged.push(message) } }
  const { createServer, refuse, drain } = createConnections({ limits: { linger: 50, checkInterval: 10, ...limits }, log })
  const server = createServer(handle, {}).listen(0, '127.0.0.1')
  server.on('clientError', (_error, socket) => refuse(new HttpError(400, 'unreadable'), socket))
  await once(server, 'listening')
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  return { server, logged, drain: () => drain(server) }
}

/** Answers, one at a time and in any order, when the test says so. */
function onDemand () {
  const begun: string[] = []
  const answers = new Map<string, ServerResponse>()
  let wake = () => {}
  return { begun, handle, answer, untilBegun }

  function handle ({ url = '' }: IncomingMessage, response: ServerResponse): void {
    begun.push(url)
    answers.set(url, response)
    wake()
  }

  function answer (url: string, fields = {}): void {
    const response = answers.get(url)
    if (response?.headersSent === false) response.writeHead(200, fields)
    response?.end(`answer to ${url}`)
  }

  async function untilBegun (count: number): Promise<void> {
    while (begun.length < count) await new Promise<void>((resolve) => { wake = resolve })
  }
}

t.test('of pipelined requests, one begins when the answer to the one before it is finished', async (t) => {
  const { begun, handle, answer, untilBegun } = onDemand()
  const { server } = await serve(t, handle)
  const { send, until } = await connectTo(t, server)
  const arrived = arrivals(server, 3)
  send(request('PUT /a', 'Content-Length: 1\r\n') + 'a' + request('GET /b') + request('GET /c'))
  await arrived
  t.same(begun, ['/a'])
  answer('/a')
  await until(/answer to \/a/)
  await untilBegun(2)
  t.same(begun, ['/a', '/b'])
  answer('/b')
  await untilBegun(3)
  answer('/c')
  t.match(await until(/answer to \/c/), /to \/a[^]*to \/b[^]*to \/c/)
})

t.test('while too many requests wait on a connection, no more is read of it', async (t) => {
  const { begun, handle, answer, untilBegun } = onDemand()
  const { server } = await serve(t, handle, { waiting: 2 })
  const { send, until } = await connectTo(t, server)
  let count = 0
  server.on('request', () => count++)
  for (const path of ['/0', '/1', '/2', '/3', '/4', '/5']) {
    send(request(`GET ${path}`))
    await sleep(20)
  }
  t.equal(count, 3)
  for (let i = 0; i < 6; i++) {
    await untilBegun(i + 1)
    answer(`/${i}`)
  }
  await until(/answer to \/5/)
  t.same(begun, ['/0', '/1', '/2', '/3', '/4', '/5'])
})

t.test('requests that wait on a connection which ends are not begun', async (t) => {
  const { begun, handle, answer } = onDemand()
  const { server } = await serve(t, handle)
  const { send, closed } = await connectTo(t, server)
  const arrived = arrivals(server, 3)
  send(request('GET /a') + request('DELETE /b') + request('DELETE /c'))
  await arrived
  answer('/a', { connection: 'close' })
  t.same(statusesOf(await closed), [200])
  t.same(begun, ['/a'])
})

const UNREADABLE = '?\r\n\r\n'
const BROKEN_BODY = request('POST /broken', 'Transfer-Encoding: chunked\r\n') + 'z\r\n'

for (const [name, bytes, statuses] of [
  ['after nothing', UNREADABLE, [400]],
  ['after an answer', request('GET /a') + UNREADABLE, [200, 400]],
  ['after several, and nothing after it', request('GET /a') + request('GET /b') + UNREADABLE + request('GET /c'), [200, 200, 400]],
  ['in a body', BROKEN_BODY, [400]],
  ['in a body after an answer', request('GET /a') + BROKEN_BODY, [200, 400]]
] as const) {
  t.test(`what cannot be read as a request, ${name}, is refused in its turn, and the connection ends`, async (t) => {
    // A body that does not come to its end is answered by nothing else.
    const { server } = await serve(t, async (request, response) => {
      await sleep(5)
      request.resume().once('end', () => response.end())
    })
    const { send, closed } = await connectTo(t, server)
    send(bytes)
    const received = await closed
    t.same(statusesOf(received), statuses)
    t.match(received, /400 Bad Request\r\n[^]*\r\nDate: [^]*\r\nConnection: close\r\n/)
  })
}

for (const [name, begin] of [
  ['has been given', (response: ServerResponse) => response.end('whole')],
  ['has begun', (response: ServerResponse) => {
    response.write('wh')
    setTimeout(() => response.end('ole'), 20)
  }]
] as const) {
  t.test(`a body that cannot be read, whose answer ${name}, is given no other`, async (t) => {
    const { server } = await serve(t, (_request, response) => { begin(response) })
    const { send, until, closed } = await connectTo(t, server)
    send(request('POST /', 'Transfer-Encoding: chunked\r\n'))
    await until(/wh/)
    send('z\r\n')
    const received = await closed
    t.same(statusesOf(received), [200])
    t.match(received, name === 'has begun' ? /wh\r\n3\r\nole\r\n0\r\n\r\n$/ : /whole$/)
  })
}

t.test('a client that is sending still can read the answer after which its connection ends', async (t) => {
  const { server } = await serve(t, (_request, response) => { response.writeHead(413, { connection: 'close' }).end('too large') })
  const { socket, send, closed } = await connectTo(t, server)
  send(request('POST /', 'Content-Length: 100000000\r\n'))
  const more = setInterval(() => { if (socket.writable) send('x'.repeat(10_000)) }, 1)
  t.teardown(() => clearInterval(more))
  t.match(await closed, /too large\r\n0\r\n\r\n$/)
})

t.test('while it shuts down, each answer is the last on its connection, and no client is cut off', async (t) => {
  const { handle, answer, untilBegun } = onDemand()
  const { server, drain } = await serve(t, (request, response) => {
    if (request.url === '/begun') response.write('begun, ')
    handle(request, response)
  }, { linger: 200 })
  const unused = await connectTo(t, server)
  const used = await connectTo(t, server)
  const busy = await connectTo(t, server)
  const begun = await connectTo(t, server)
  used.send(request('GET /used'))
  busy.send(request('GET /busy'))
  begun.send(request('GET /begun'))
  await untilBegun(3)
  answer('/used')
  await used.until(/answer to/)
  const drained = drain()

  used.send(request('GET /again'))
  await untilBegun(4)
  answer('/again')
  t.match(await used.closed, /Connection: keep-alive[^]*Connection: close[^]*answer to \/again\r\n0\r\n\r\n$/, 'an idle connection takes one more request')
  answer('/busy')
  t.match(await busy.closed, /Connection: close[^]*answer to \/busy\r\n0\r\n\r\n$/, 'an answer in flight says it')
  t.equal(await unused.closed, '', 'a connection without a request ends after a while')
  answer('/begun')
  await begun.until(/answer to \/begun/)
  begun.send(request('GET /behind'))
  await untilBegun(5)
  answer('/behind')
  t.match(await begun.closed, /Connection: keep-alive[^]*answer to \/begun\r\n0\r\n\r\n[^]*Connection: close[^]*answer to \/behind\r\n0\r\n\r\n$/, 'an answer that has begun comes to its end, and then one that says it')
  await drained
})

t.test('a drain answers on connections that the system has opened, and the server has yet to accept', async (t) => {
  const { server, drain } = await serve(t, (_request, response) => response.end('answer'), { linger: 5000 })
  const { port } = server.address() as AddressInfo
  const answers = Array.from({ length: 50 }, async () => {
    const socket = connect(port, '127.0.0.1')
    socket.write(request('GET /'))
    return (await socket.toArray()).join('')
  })
  // The server accepts one in a turn of the event loop.
  await once(server, 'connection')
  await drain()
  for (const answer of await Promise.all(answers)) t.match(answer, /Connection: close[^]*answer$/)
})

t.test('a server of another runtime, which is none of node:net, is closed by its own method', async (t) => {
  const { server, drain } = await serve(t, (_request, response) => response.end())
  let calls = 0
  Object.setPrototypeOf(server, Object.assign(Object.create(EventEmitter.prototype), {
    close (done: () => void) {
      calls++
      done()
    }
  }))
  await drain()
  t.equal(calls, 1)
  Object.setPrototypeOf(server, Server.prototype)
})

for (const [what, behind, end] of [['nothing', '', /answer to \/b\s+0\s+$/], ['garbage', 'BAD\r\n\r\n', / 400 [^]*unreadable[^]*$/], ['half of a request', 'GET /c', / 400 [^]*unreadable[^]*$/]] as const) {
  t.test(`a client that has closed its side gets its answers all the same, with ${what} behind its requests`, async (t) => {
    const { handle, answer, untilBegun } = onDemand()
    const { server } = await serve(t, handle)
    const { socket, closed } = await connectTo(t, server)
    socket.end(request('GET /a') + request('GET /b') + behind)
    for (const [i, url] of ['/a', '/b'].entries()) {
      await untilBegun(i + 1)
      // Until the server has seen the end.
      await sleep(20)
      answer(url)
    }
    const received = await closed
    t.match(received, /answer to \/a[^]*answer to \/b/)
    t.match(received, end)
  })
}

const LARGE = Buffer.alloc(32 * MIB, '.')

t.test('a drain is over when the last client has read all of its answer', async (t) => {
  const { server, drain } = await serve(t, (_request, response) => { response.end(LARGE) })
  const { send, read, closed } = await connectTo(t, server, { reads: false })
  send(request('GET /'))
  await once(server, 'request')
  const order: string[] = []
  const drained = drain().then(() => order.push('drained'))
  await sleep(500)
  order.push('read')
  read()
  t.ok((await closed).length > LARGE.length)
  await drained
  t.same(order, ['read', 'drained'])
})

t.test('a client that does not close its side is cut off', async (t) => {
  const { server } = await serve(t, (_request, response) => { response.end() })
  const { socket, connection, send } = await connectTo(t, server)
  socket.allowHalfOpen = true
  send(request('GET /', 'Connection: close\r\n'))
  await once(socket, 'end')
  await once(connection, 'close')
  t.ok(socket.writable)
})

t.test('a client that reads nothing of its answer is cut off', async (t) => {
  const { server } = await serve(t, (_request, response) => { response.end(LARGE) }, { stallTimeout: 100 })
  const { connection, send, read, closed } = await connectTo(t, server, { reads: false })
  send(request('GET /'))
  await once(connection, 'close')
  read()
  t.ok((await closed).length < LARGE.length)
})

t.test('so is one that reads it too slowly', async (t) => {
  const { server } = await serve(t, (_request, response) => { response.end(LARGE) }, { stallTimeout: 1000, exchangeTimeout: 300 })
  const { socket, connection, send } = await connectTo(t, server, { reads: false })
  const reading = setInterval(() => socket.read(MIB), 50)
  t.teardown(() => clearInterval(reading))
  send(request('GET /'))
  await once(connection, 'close')
  t.ok(socket.bytesRead < LARGE.length)
})

t.test('one that reads each in time is not', async (t) => {
  const { server } = await serve(t, (_request, response) => { response.end(LARGE.subarray(0, 8 * MIB)) }, { exchangeTimeout: 500 })
  const { socket, send, received, until } = await connectTo(t, server)
  for (let i = 1; i <= 4; i++) {
    send(request('GET /'))
    while (socket.bytesRead < i * 8 * MIB) await once(socket, 'data')
    await sleep(150)
  }
  send(request('GET /'))
  await until(/(HTTP[^]*){5}/)
  t.equal(statusesOf(received()).length, 5)
})

t.test('where clients do not read, what waits for them is bounded: no more is begun, and who has let it wait longest is cut off', async (t) => {
  const { server } = await serve(t, (_request, response) => { response.end(LARGE) }, { unread: 24 * MIB })
  const slow = await connectTo(t, server, { reads: false })
  slow.send(request('GET /'))
  await once(server, 'request')
  const other = await connectTo(t, server)
  other.send(request('GET /'))
  t.match(await other.until(/}$/), /^HTTP\/1\.1 503 [^]*\r\nretry-after: 1\r\n/)
  await sleep(1000)
  other.send(request('GET /', 'Connection: close\r\n'))
  const [received] = await Promise.all([other.closed, once(slow.connection, 'close')])
  t.same(statusesOf(received), [503, 200])
})

for (const [name, bytes] of [['fields', 'GET / HTTP/1.1\r\nHost: x\r\n'], ['a body', request('POST /', 'Content-Length: 9\r\n')]] as const) {
  t.test(`${name} that do not come in time`, async (t) => {
    const { server } = await serve(t, () => {}, { fieldsTimeout: 100, requestTimeout: 100 })
    const { send, closed } = await connectTo(t, server)
    send(bytes)
    t.same(statusesOf(await closed), [400])
  })
}

t.test('there are so many connections at most, which is logged once', async (t) => {
  const { server, logged } = await serve(t, (_request, response) => { response.end() }, { connections: 1 })
  const first = await connectTo(t, server)
  const { port } = Object(server.address())
  for (let i = 0; i < 2; i++) await once(connect(port, '127.0.0.1').resume(), 'close')
  t.same(logged, ['no more than 1 connections at once: some were closed when they came'])
  first.send(request('GET /', 'Connection: close\r\n'))
  t.same(statusesOf(await first.closed), [200])
})

/** Waits until a server has so many requests. */
function arrivals (server: Server, count: number): Promise<void> {
  return new Promise((resolve) => server.on('request', () => { if (--count === 0) resolve() }))
}

t.test('an error of a server that listens is logged, and does not end the process', async (t) => {
  const { server, logged } = await serve(t, () => {})
  server.emit('error', new Error('accept ENFILE'))
  t.same(logged, ['connections cannot be accepted'])
})
