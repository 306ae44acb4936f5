import { Agent } from 'node:http'
import t from 'tap'
import { LANGUAGE } from '../build.js'
import { call, listening, many, startWorkers } from '../program.js'

t.test('four workers', async (t) => {
  const { program, output, exited } = startWorkers(t, 4, { HOST: 'localhost' })
  const address = await listening(program, output)

  await t.test('give no id twice', async (t) => {
    const agent = new Agent({ keepAlive: true, maxSockets: 64 })
    const ids = await many(2000, async () => (await call(address, 'POST /programming_languages', { body: LANGUAGE, agent })).body.id)
    agent.destroy()
    t.same(ids.sort((a, b) => a - b), Array.from({ length: 2000 }, (_, i) => i + 8))
  })

  await t.test('let one win of 500 simultaneous writes to one version', async (t) => {
    const agent = new Agent({ keepAlive: true, maxSockets: 128 })
    for (let version = 1; version <= 4; version++) {
      const { etag } = (await call(address, 'GET /programming_languages/0')).headers
      const answers = await many(500, (i) => call(address, 'PUT /programming_languages/0', {
        body: { ...LANGUAGE, name: `${version}.${i}` }, headers: { 'if-match': etag }, agent
      }))
      const winners = answers.filter(({ status }) => status === 200)
      t.equal(winners.length, 1)
      t.equal(answers.filter(({ status }) => status === 412).length, 499)
      t.same((await call(address, 'GET /programming_languages/0')).body, winners[0]?.body)
    }
    agent.destroy()
  })

  await t.test('do once what is asked with one Idempotency-Key at once', async (t) => {
    let replayed = 0
    for (let round = 0; round < 20; round++) {
      const attempts = await many(8, () => call(address, 'POST /programming_languages', { body: LANGUAGE, headers: { 'idempotency-key': `key-${round}` } }))
      const done = attempts.filter(({ status }) => status === 201)
      t.ok(attempts.every(({ status }) => status === 201 || status === 409))
      t.equal(done.filter(({ headers }) => headers['idempotency-replayed'] === undefined).length, 1, 'one of them has made it')
      t.same(new Set(done.map(({ body }) => body.id)), new Set([2008 + round]))
      replayed += done.length - 1
    }
    t.ok(replayed > 0, 'the attempts came to several workers, of which one waited for the other')
  })

  program.kill('SIGTERM')
  t.same(await exited, [0, null])
})
