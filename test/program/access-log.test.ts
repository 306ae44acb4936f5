import t, { type Test } from 'tap'
import { createMemoryStore, model } from '../../app.js'
import { build, LANGUAGE } from '../build.js'
import type { StandaloneOptions } from '../../program/standalone.js'
import { connectTo, request } from '../wire.js'

const LIST = '/programming_languages'
const TRACE = '0af7651916cd43dd8448eb211c80319c'
const PARENT = 'b7ad6b7169203331'

/** A server that listens, and what it logs. */
async function listen (t: Test, options: StandaloneOptions, level = 'error') {
  const lines: string[] = []
  const app = build(t, { logger: { level, stream: { write: (line: string) => { lines.push(line) } } }, ...options })
  const address = await app.listen({ port: 0, host: '127.0.0.1' })
  return { app, address, lines, logged: () => lines.map((line) => JSON.parse(line)) }
}

t.test('one line for each answer, with the id that the client knows, whatever the level of the log', async (t) => {
  const { app, logged } = await listen(t, { accessLog: 'all' })
  const { send, closed } = await connectTo(t, app.server)
  const body = JSON.stringify(LANGUAGE)
  send([
    request(`GET ${LIST}?limit=2`, 'X-Request-Id: mine\r\n'), request(`HEAD ${LIST}/0`, 'If-None-Match: *\r\n'),
    request(`POST ${LIST}`, `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n`) + body,
    request(`GET ${LIST}/99`), request('GET /nowhere'), request('GET /%zz'), request('OPTIONS *'), request('TRACE /health'),
    request(`GET ${LIST}#x`, 'Connection: close\r\n')
  ].join(''))
  const answers = await closed
  const lines = logged()
  t.same(lines.map(({ method, url, status }) => `${method} ${url} ${status}`), [
    `GET ${LIST}?limit=2 200`, `HEAD ${LIST}/0 304`, `POST ${LIST} 201`, `GET ${LIST}/99 404`, 'GET /nowhere 404', 'GET /%zz 400', 'OPTIONS * 204', 'TRACE /health 405', `GET ${LIST}#x 400`
  ])
  for (const line of lines) {
    t.match(line, { level: 30, reqId: /^[\w-]+$/, client: '127.0.0.1', msg: 'answered' })
    t.ok(line.duration >= 0 && line.duration < 10_000)
    t.notOk('trace_id' in line)
  }
  t.equal(lines[0].reqId, 'mine')
  t.same(Array.from(answers.matchAll(/urn:request:([\w-]+)/g), ([, id]) => id), lines.filter(({ status }) => status >= 400).map(({ reqId }) => reqId))
})

for (const [name, bytes, status] of [
  ['what is no HTTP', 'BAD\r\n\r\n', 400],
  ['the method of proxies', request('CONNECT x:80'), 501],
  ['a body that cannot be read', request(`POST ${LIST}`, 'Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n') + 'z\r\n', 400]
] as const) {
  t.test(`${name} has one line too`, async (t) => {
    const { app, logged } = await listen(t, { accessLog: 'errors' })
    const { send, closed } = await connectTo(t, app.server)
    send(bytes)
    const [, id] = (await closed).match(/urn:request:([\w-]+)/) ?? []
    t.match(logged(), [{ reqId: id, status, client: '127.0.0.1' }])
    t.equal(logged().length, 1)
  })
}

t.test('credentials in a target, which nobody takes, are not logged', async (t) => {
  const { app, lines } = await listen(t, { accessLog: 'all' })
  const { send, closed } = await connectTo(t, app.server)
  send(request(`GET ${LIST}?ACCESS_TOKEN=s3cret&limit=2`) + request('GET http://bob:s3cret@x/health', 'Connection: close\r\n'))
  await closed
  t.same(lines.map((line) => JSON.parse(line).url), [`${LIST}?ACCESS_TOKEN=...&limit=2`, 'http://x/health'])
})

t.test('errors alone, or nothing at all', async (t) => {
  for (const [accessLog, statuses] of [['errors', [404]], ['none', []]] as const) {
    const { address, logged } = await listen(t, { accessLog })
    for (const path of [`${LIST}/0`, `${LIST}/99`]) await (await fetch(address + path)).text()
    t.same(logged().map(({ status }) => status), statuses)
  }
})

t.test('the trace that a request is part of is in its line, and in that of an error of ours; an invalid one is nowhere', async (t) => {
  const store = { ...createMemoryStore(model), list: () => { throw new Error('broken') } }
  const { address, logged, lines } = await listen(t, { store, accessLog: 'all' })
  const trace = async (traceparent: string) => {
    lines.length = 0
    await (await fetch(address + LIST, { headers: { traceparent } })).text()
    return logged().map(({ level, trace_id: trace }) => [level, trace])
  }
  for (const good of [`00-${TRACE}-${PARENT}-01`, `cc-${TRACE}-${PARENT}-01`, `cc-${TRACE}-${PARENT}-01-more`]) t.same(await trace(good), [[50, TRACE], [30, TRACE]], good)
  for (const bad of [
    '', 'x', `ff-${TRACE}-${PARENT}-01`, `00-${'0'.repeat(32)}-${PARENT}-01`, `00-${TRACE}-${'0'.repeat(16)}-01`, `00-${TRACE}-${PARENT}-01-more`, `00-${TRACE.toUpperCase()}-${PARENT}-01`,
    `00-${TRACE}-${PARENT}-1`, `cc-${TRACE}-${PARENT}-01more`, `00-${TRACE}-${PARENT}-01, 00-${TRACE}-${PARENT}-01`
  ]) t.same(await trace(bad), [[50, undefined], [30, undefined]], bad)
})
