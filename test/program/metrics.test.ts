import { Agent, get } from 'node:http'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { createMemoryStore, model } from '../../app.js'
import { build, call, LANGUAGE } from '../build.js'
import { listening, many, said, start, startCounted, startWorkers } from '../program.js'

const LIST = '/programming_languages'

/** Asks for the figures over a connection of its own. */
async function scrape (address: string, agent: Agent | false = false) {
  const [response] = await once(get(`${address}/metrics`, { agent }), 'response')
  return { status: response.statusCode, body: await text(response) }
}

/** Adds up the figures of one name whose labels match. */
function sum (figures: string, name: string, labels = ''): number {
  const lines = figures.split('\n').filter((line) => line.startsWith(name) && !line.startsWith(`${name}_`) && line.includes(labels))
  return lines.reduce((all, line) => all + Number(line.split(' ').at(-1)), 0)
}

t.test('figures of the requests, of the process and of the store', async (t) => {
  let isUp = true
  const store = { ...createMemoryStore(model), ping: () => { if (!isUp) throw new Error('away') } }
  const app = build(t, { store, metrics: {} })
  for (const request of [`GET ${LIST}/0`, `GET ${LIST}/0`, `GET ${LIST}/99`, 'GET /nowhere']) await call(app, request)
  await call(app, `POST ${LIST}`, { body: LANGUAGE })
  const { status, headers, text } = await call(app, 'GET /metrics', { headers: { 'x-request-id': 'mine' } })
  t.match({ status, headers }, { status: 200, headers: { 'content-type': /^text\/plain; version=0\.0\.4/, 'cache-control': 'no-store', 'x-request-id': 'mine' } })
  t.match(text, '\nhttp_requests_total{operation="getProgrammingLanguage",status="200"} 2\n')
  t.match(text, '\nhttp_requests_total{operation="getProgrammingLanguage",status="404"} 1\n')
  t.match(text, '\nhttp_requests_total{operation="createProgrammingLanguage",status="201"} 1\n')
  t.match(text, '\nhttp_requests_total{operation="other",status="404"} 1\n')
  t.match(text, '\nhttp_request_duration_seconds_count{operation="getProgrammingLanguage"} 3\n')
  t.match(text, /\nnodejs_eventloop_lag_seconds [\d.e-]+\n/)
  t.match(text, /\nprocess_cpu_seconds_total [\d.e-]+\n/)
  t.match(text, '\nstore_up 1\n')
  isUp = false
  t.match((await call(app, 'GET /metrics')).text, '\nstore_up 0\n')
  t.equal((await app.inject({ method: 'HEAD', url: '/metrics' })).statusCode, 200)
  for (const [request, status] of [['OPTIONS /metrics', 204], ['POST /metrics', 405]] as const) t.match(await call(app, request), { status, headers: { allow: 'GET, HEAD, OPTIONS' } })
  t.notOk('/metrics' in (await call(app, 'GET /openapi.json')).body.paths)
})

t.test('there are none where nobody asked for them', async (t) => {
  t.equal((await call(build(t), 'GET /metrics')).status, 404)
})

t.test('a setting of the program', async (t) => {
  const { program, output } = start(t, {}, '--metrics')
  t.match(await scrape(await listening(program, output)), { status: 200, body: /\nstore_up 1\n/ })
})

t.test('those of several workers are added up', async (t) => {
  const { program, output } = startWorkers(t, 2, { METRICS: 'true', ACCESS_LOG: 'all' }, startCounted)
  const address = await listening(program, output)
  // Which worker takes a connection, the system decides.
  let views = 0
  let workers = new Set<number>()
  while (workers.size < 2) {
    await many(40, async () => (await fetch(`${address}${LIST}/0`, { headers: { connection: 'close' } })).text())
    views += 40
    workers = new Set(Array.from(output.out.matchAll(/"pid":(\d+).*"msg":"answered"/g), ([, pid]) => Number(pid)))
  }
  for (const { status, body } of await many(5, () => scrape(address))) {
    t.equal(status, 200)
    t.equal(sum(body, 'http_requests_total', 'getProgrammingLanguage'), views)
    t.equal(sum(body, 'store_up'), 1)
  }
  const [stopped = 0] = workers
  process.kill(stopped, 'SIGSTOP')
  t.equal((await scrape(address)).status, 503, 'one does not answer')
  process.kill(stopped, 'SIGCONT')
  await said(program, output, /"url":"\/metrics","status":503/)

  const agents = Array.from({ length: 8 }, () => new Agent({ keepAlive: true, maxSockets: 1 }))
  t.teardown(() => agents.forEach((agent) => agent.destroy()))
  for (const agent of agents) t.equal((await scrape(address, agent)).status, 200)
  program.kill('SIGKILL')
  await pause(300)
  t.same(await Promise.all(agents.map(async (agent) => (await scrape(address, agent)).status)), agents.map(() => 503), 'whose primary is gone')
})

t.test('several workers that serve them end as others do', async (t) => {
  const { program, output, exited } = startWorkers(t, 2, { METRICS: 'true' }, startCounted)
  t.equal((await scrape(await listening(program, output))).status, 200)
  program.kill('SIGTERM')
  t.same(await exited, [0, null])
})
