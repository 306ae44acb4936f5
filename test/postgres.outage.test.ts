import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { build, call, LANGUAGE, pages } from './build.js'
import { freePort } from './embedded-postgres.js'
import { startProxy, startServer } from './postgres.js'
import { startCounted } from './program.js'

const database = await startServer(t)

t.test('two servers on one database answer as one', async (t) => {
  const apps = [build(t, { store: database.url }), build(t, { store: database.url })] as const
  await Promise.all(apps.map((app) => app.ready()))
  const [first, second] = apps
  t.same((await pages(first, '/programming_languages?limit=3')).flat().map(({ id }) => id), [0, 1, 2, 3, 4, 5, 6, 7])

  const headers = { 'idempotency-key': 'a' }
  const created = await call(first, 'POST /programming_languages', { headers, body: LANGUAGE })
  t.equal(created.headers.location, '/programming_languages/8')
  const again = await call(second, 'POST /programming_languages', { headers, body: LANGUAGE })
  t.equal(again.text, created.text)
  t.equal(again.headers['idempotency-replayed'], 'true')

  const read = await call(second, 'GET /programming_languages/8')
  t.equal(read.text, created.text)
  t.equal(read.headers.etag, created.headers.etag)
  const ifMatch = { headers: { 'if-match': String(read.headers.etag) } }
  const changes = await Promise.all(Array.from({ length: 50 }, (_, i) =>
    call(i % 2 === 0 ? first : second, 'PATCH /programming_languages/8', { ...ifMatch, body: { name: `Simula ${i}` } })))
  t.same(changes.map(({ status }) => status).sort(), [200, ...Array.from({ length: 49 }, () => 412)])
  t.equal((await call(first, 'DELETE /programming_languages/8', ifMatch)).status, 412)
  t.equal((await call(first, 'DELETE /programming_languages/8')).status, 204)
  t.equal((await call(second, 'GET /programming_languages/8')).status, 404)
})

t.test('while the database is away the answer is 503, and then all is well again', async (t) => {
  const app = build(t, { store: database.url })
  const REQUESTS = [
    ['GET /health', 200],
    ['GET /programming_languages/0', 200],
    ['GET /programming_languages', 200],
    ['POST /programming_languages', 201]
  ] as const
  const send = (request: string) => call(app, request, request.startsWith('POST') ? { body: LANGUAGE } : {})

  for (const [request, status] of REQUESTS) t.equal((await send(request)).status, status)

  // All the while, clients ask.
  const seen = new Set<number>()
  const asking = { over: false }
  const clients = REQUESTS.map(async ([request]) => {
    while (!asking.over) {
      seen.add((await send(request)).status)
      await pause(1)
    }
  })
  await database.stop()
  for (const [request] of REQUESTS) {
    const start = Date.now()
    const { status, headers, body } = await send(request)
    t.equal(status, 503)
    t.equal(headers['retry-after'], '1')
    t.match(body, { status: 503, detail: 'the store cannot be reached just now' })
    t.ok(Date.now() - start < 5000)
  }
  await database.start()
  for (const [request, status] of REQUESTS) t.equal((await send(request)).status, status)
  asking.over = true
  await Promise.all(clients)
  t.same([...seen].sort(), [200, 201, 503])
})

t.test('ten seconds without the database, under load: no wrong answer, no lost write, and back in two seconds', async (t) => {
  const app = build(t, { store: database.url })
  const acknowledged = new Map<number, string>()
  const seen = new Map<number, number>()
  const asking = { over: false }
  const clients = Array.from({ length: 20 }, async (_, client) => {
    for (let i = 0; !asking.over; i++) {
      const name = `language ${i} of ${client}`
      const created = await call(app, 'POST /programming_languages', { body: { ...LANGUAGE, name } })
      count(created.status)
      if (created.status !== 201) {
        await pause(20)
        continue
      }
      acknowledged.set(created.body.id, name)
      const read = await call(app, `GET /programming_languages/${created.body.id}`)
      count(read.status)
      if (read.status === 200) t.equal(read.text, created.text)
    }
  })
  const count = (status: number) => seen.set(status, (seen.get(status) ?? 0) + 1)

  await pause(500)
  await database.stop()
  await pause(10_000)
  await database.start()
  const begin = Date.now()
  while ((await call(app, 'GET /health')).status !== 200) await pause(10)
  while ((await call(app, 'POST /programming_languages', { body: LANGUAGE })).status !== 201) await pause(10)
  t.ok(Date.now() - begin < 2000, `${Date.now() - begin} ms`)
  await pause(500)
  asking.over = true
  await Promise.all(clients)

  t.same([...seen.keys()].sort(), [200, 201, 503])
  t.ok((seen.get(201) ?? 0) > 20)
  for (const [id, name] of acknowledged) t.equal((await call(app, `GET /programming_languages/${id}`)).body.name, name)
})

t.test('a database that is not up yet when the app starts', async (t) => {
  const port = await freePort()
  const url = new URL(database.url)
  url.host = `127.0.0.1:${port}`
  const app = build(t, { store: url.href, storeWait: 60 })
  for (const path of ['/health', '/programming_languages/0']) {
    const { status, headers } = await call(app, `GET ${path}`)
    t.equal(status, 503)
    t.equal(headers['retry-after'], '1')
  }
  t.equal((await call(app, 'GET /openapi.json')).status, 200)
  await startProxy(t, database.url, () => true, port)
  while ((await call(app, 'GET /health')).status !== 200) await pause(50)
  t.equal((await call(app, 'GET /programming_languages/0')).status, 200)
})

t.test('one that does not come up, or refuses', async (t) => {
  const url = new URL(database.url)
  url.pathname = '/nowhere'
  await t.rejects(async () => await build(t, { store: url.href, storeWait: 60 }).ready(), { message: /: database "nowhere" does not exist$/ })

  url.host = `127.0.0.1:${await freePort()}`
  const lines: string[] = []
  const stream = { write: (line: string) => { lines.push(line) } }
  const app = build(t, { store: url.href, storeWait: 1, logger: { stream } })
  await app.ready()
  while (!lines.some((line) => line.includes('the store was given up'))) await pause(50)
  t.equal((await call(app, 'GET /health')).status, 503)
})

t.test('the program says in one line why it cannot start, after its time', async (t) => {
  for (const [wait, waits] of [['0', false], ['1', true]] as const) {
    const { output, closed } = startCounted(t, { STORE: 'postgres://somebody:secret@127.0.0.1:1/nowhere', STORE_WAIT: wait })
    t.same(await closed, [1, null])
    t.equal(output.err, 'cannot start: PostgreSQL at 127.0.0.1:1: connect ECONNREFUSED 127.0.0.1:1\n')
    t.equal(output.out.includes('waiting for the store: PostgreSQL at 127.0.0.1:1: connect'), waits)
    t.notMatch(output.out, /secret/)
  }
})
