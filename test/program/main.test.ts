import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { Agent, get } from 'node:http'
import { connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import t from 'tap'
import { SETTINGS } from '../../program/settings.js'
import type { Keywords } from '../../schemas/keywords.js'
import { beginCreation, listening, occupyPort, said, start, startCounted, SURPRISE } from '../program.js'

t.test('says where it listens and where the documentation is, and serves', async (t) => {
  const { program, output, exited } = startCounted(t, {})
  const address = await listening(program, output)
  t.match(address, /^http:\/\/127\.0\.0\.1:\d+$/)
  t.match(output.out, `documentation at ${address}/docs`)
  const response = await fetch(`${address}/programming_languages/0`)
  t.match(await response.json(), { name: 'COBOL' })
  t.equal(output.out.split('\n').length, 2, 'no line for a request')
  program.kill('SIGINT')
  t.same(await exited, [0, null])
})

t.test('logs a line for each request, and what is refused, if asked to', async (t) => {
  const { program, output, exited } = start(t, { LOG_LEVEL: 'debug', ACCESS_LOG: 'all', HOST: 'localhost' })
  const address = await listening(program, output)
  await fetch(`${address}/programming_languages/99`)
  program.kill('SIGTERM')
  t.same(await exited, [0, null])
  t.match(output.out, /"reqId":"[a-z\d]+-0".*"msg":"there is no programming language with the id 99"/)
  t.match(output.out, /"reqId":"[a-z\d]+-0".*"status":404.*"msg":"answered"/)
})

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  t.test(`${signal} lets the request in flight finish`, async (t) => {
    const { program, output, exited } = start(t, {})
    const address = await listening(program, output)
    const { answer, end } = beginCreation(address)
    await pause(300)
    program.kill(signal)
    await pause(300)
    end()
    const response = await answer
    t.equal(response.status, 201)
    t.match(await response.json(), { id: 8 })
    const started = Date.now()
    t.same(await exited, [0, null])
    t.ok(Date.now() - started < 5000, 'and then ends at once')
  })
}

t.test('with SHUTDOWN_DELAY, it serves on for a while, but says that it is not ready; a second signal ends it at once', async (t) => {
  for (const second of [false, true]) {
    const { program, output, exited } = start(t, { SHUTDOWN_DELAY: '2' })
    const address = await listening(program, output)
    const statusOf = async (path: string) => (await fetch(address + path)).status
    t.equal(await statusOf('/health'), 200)
    const started = Date.now()
    program.kill('SIGTERM')
    await pause(300)
    t.same(await Promise.all(['/health', '/health/live', '/programming_languages/0'].map(statusOf)), [503, 200, 200])
    if (second) program.kill('SIGTERM')
    t.same(await exited, second ? [1, null] : [0, null])
    t.equal(Date.now() - started >= 2000, !second)
    t.equal(output.out.match(/"msg":"closed"/g)?.length, second ? undefined : 1)
  }
})

t.test('a connection on which nothing was sent does not hold it up', async (t) => {
  const { program, output, exited } = start(t, {})
  const { port, hostname } = new URL(await listening(program, output))
  const socket = connect(Number(port), hostname)
  t.teardown(() => socket.destroy())
  await once(socket, 'connect')
  await fetch(`http://${hostname}:${port}/health`)
  const started = Date.now()
  program.kill('SIGTERM')
  t.same(await exited, [0, null])
  t.ok(Date.now() - started < 5000)
})

t.test('what never finishes is cut off after ten seconds', async (t) => {
  const { program, output, exited } = startCounted(t, {})
  const { port, hostname } = new URL(await listening(program, output))
  const socket = connect(Number(port), hostname)
  t.teardown(() => socket.destroy())
  socket.on('error', () => {})
  socket.write('POST /programming_languages HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{')
  await fetch(`http://${hostname}:${port}/health`)
  const started = Date.now()
  program.kill('SIGTERM')
  t.same(await exited, [0, null])
  t.ok(Date.now() - started > 9000)
})

t.test('from the first signal on, each answer says that its connection ends, and whoever heeds that gets all answers', async (t) => {
  const { program, output, exited } = start(t, {})
  const { port, hostname } = new URL(await listening(program, output))
  const clients = Array.from({ length: 50 }, async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    t.teardown(() => agent.destroy())
    for (let connection = ''; connection !== 'close';) {
      const [response] = await once(get({ port, hostname, path: '/programming_languages/0', agent }), 'response')
      await once(response.resume(), 'end')
      connection = response.headers.connection
      await pause(5)
    }
  })
  await pause(300)
  program.kill('SIGTERM')
  await Promise.all(clients)
  t.same(await exited, [0, null])
})

t.test('file descriptors that run out do not end it, and are logged once', async (t) => {
  const { program, output, exited } = start(t, {})
  const address = await listening(program, output)
  const { port, hostname } = new URL(address)
  const most = Math.max(...readdirSync(`/proc/${program.pid}/fd`).map(Number)) + 1
  await promisify(execFile)('prlimit', ['--pid', String(program.pid), `--nofile=${most}:`])
  const sockets = Array.from({ length: most }, () => connect(Number(port), hostname).on('error', () => {}))
  await said(program, output, /EMFILE.*connections cannot be accepted/)
  await promisify(execFile)('prlimit', ['--pid', String(program.pid), `--nofile=${2 * most}:`])
  for (const socket of sockets) socket.destroy()
  const { status } = await fetch(`${address}/health`)
  t.equal(status, 200)
  program.kill('SIGTERM')
  t.same(await exited, [0, null])
  t.equal(output.out.match(/connections cannot be accepted/g)?.length, 1)
})

const BAD_SETTINGS: [Record<string, string>, RegExp][] = [
  [{ PORT: 'http' }, /^cannot start: PORT must be integer\n$/],
  [{ PORT: '65536' }, /^cannot start: PORT must be <= 65535\n$/],
  [{ PORT: '', HOST: '' }, /^cannot start: HOST must NOT have fewer than 1 characters; PORT must be integer\n$/],
  [{ IDEMPOTENCY_KEY_LIFETIME: '9007199254740991' }, /^cannot start: IDEMPOTENCY_KEY_LIFETIME must be <= 315360000\n$/],
  [{ STORE: 'postgres://localhost/x?max=many' }, /^cannot start: the URL of the PostgreSQL store cannot be read: max must be an integer from 3 to 2147483647\n$/],
  [{ LOG_LEVEL: 'loud' }, /^cannot start: LOG_LEVEL must be one of fatal, error, warn, info, debug, trace, silent\n$/],
  [{ HOST: '192.0.2.1' }, /^cannot start: listen EADDRNOTAVAIL: [^\n]*\n$/]
]

t.test('a bad setting is one clear line, and exit code 1', async (t) => {
  await Promise.all(BAD_SETTINGS.map(async ([settings, line]) => {
    const { output, exited } = (settings.PORT === 'http' ? startCounted : start)(t, settings)
    t.same(await exited, [1, null], JSON.stringify(settings))
    t.match(output.err, line)
    t.equal(output.out, '')
  }))
})

t.test('a flag counts for more than a variable, and each bad one is named', async (t) => {
  const { program, output, exited } = startCounted(t, { LOG_LEVEL: 'loud', HOST: '192.0.2.1' }, '--log-level=info', '--host', 'localhost')
  t.match(await listening(program, output), /^http:/)
  program.kill('SIGTERM')
  t.same(await exited, [0, null])

  const bad = startCounted(t, {}, '--port', '80000', '--prot', '--workers', 'now')
  t.same(await bad.exited, [1, null])
  t.equal(bad.output.err, 'cannot start: --prot is unknown; PORT must be <= 65535; WORKERS must be integer\n')
  t.equal(bad.output.out, '')

  const lacking = startCounted(t, {}, '--api-tokens', '--metrics', '--host')
  t.same(await lacking.exited, [1, null])
  t.equal(lacking.output.err, 'cannot start: HOST must be string; API_TOKENS must be string\n')
})

t.test('what the command line asks is answered, and nothing is served', async (t) => {
  const [help, version] = [startCounted(t, {}, '--help', '--port', '80000'), startCounted(t, { STORE: 'none:' }, '--version')]
  t.same(await help.exited, [0, null])
  t.match(help.output.out, /^Programming Languages API 1\.0\.0\n/)
  for (const [name, { description = '' }] of Object.entries<Keywords>(SETTINGS.properties)) t.match(help.output.out, `${description} (${name}`)
  t.match(help.output.out, /\n {2}--port <integer> {2,}The port .* \(PORT, default 8000\)\n/)
  t.match(help.output.out, /\n {2}--help {2,}Print this, and end\n/)
  t.same(await version.exited, [0, null])
  t.equal(version.output.out, '1.0.0\n')
})

for (const limit of ['FIELDS_TIMEOUT', 'REQUEST_TIMEOUT']) {
  t.test(`limits of connections are settings, as ${limit}`, async (t) => {
    const { program, output } = start(t, { [limit]: '1', MAX_CONNECTIONS: '2' })
    const { port, hostname } = new URL(await listening(program, output))
    const [slow, other, third] = [1, 2, 3].map(() => connect(Number(port), hostname).on('error', () => {}))
    t.teardown(() => { for (const socket of [slow, other, third]) socket?.destroy() })
    slow?.write('GET / HTTP/1.1\r\n')
    await Promise.all([slow, third].map(async (socket) => socket && once(socket.resume(), 'close')))
    t.notOk(other?.closed)
  })
}

t.test('a port in use is one clear line, and exit code 1', async (t) => {
  const port = await occupyPort(t)
  const { output, exited } = startCounted(t, { PORT: String(port) })
  t.same(await exited, [1, null])
  t.equal(output.err, `cannot start: listen EADDRINUSE: address already in use 127.0.0.1:${port}\n`)
})

t.test('an error that nothing caught is logged, lets the request in flight finish, and ends the program with 1', async (t) => {
  const { program, output, exited } = startCounted(t, SURPRISE)
  const address = await listening(program, output)
  const { answer, end } = beginCreation(address)
  await pause(300)
  program.kill('SIGWINCH')
  await said(program, output, /"level":60,.*"err":{"type":"Error","message":"surprise","stack":".*"},"msg":"an error that nothing caught"}\n/)
  // It is logged first, and the program begins to close then.
  await pause(300)
  end()
  const { status, headers } = await answer
  t.same([status, headers.get('connection')], [201, 'close'])
  t.same(await exited, [1, null])
  t.notMatch(output.out, '"msg":"closed"')
})
