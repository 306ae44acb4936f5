import pg from 'pg'
import t, { type Test } from 'tap'
import { openPostgresStore } from '../../../stores/open.js'
import { StoreUnavailable } from '../../../stores/store.js'
import { model } from '../../../app.js'
import { LANGUAGE } from '../../build.js'
import type { Query, Store } from '../../../stores/store.js'
import { hasPgbouncer, startPgbouncer } from '../../pgbouncer.js'
import { runSql, startProxy, startServer } from '../../postgres.js'
import { testStore } from '../../testing.js'

const { url } = await startServer(t)
const empty = (of = model) => runSql(url, `drop table if exists ${of.name}, ${of.name}_receipts`)

t.test('through PgBouncer', { skip: !hasPgbouncer && 'there is no pgbouncer on this machine' }, async (t) => {
  const through = await startPgbouncer(t, url)

  await testStore(t, 'it keeps the contract', async (model, settings) => {
    await empty(model)
    return openPostgresStore(through(url), model, settings)
  }, { numRuns: 10 })

  await t.test('a list of text, page by page', async (t) => {
    await empty()
    const store = await openPostgresStore(through(url), model)
    t.teardown(() => store.close())
    const names = ["it's", '$1', '"$2"', '\\', '']
    for (const name of names) await store.create({ ...LANGUAGE, name: `a${name}` })
    const query: Query = { where: [{ property: 'publication_year', operator: 'gt', value: 1 }], order: [{ property: 'name', descending: true }], limit: 2 }
    const first = await store.list(query)
    const second = await store.list({ ...query, after: first.entries[1]?.item })
    const third = await store.list({ ...query, after: second.entries[1]?.item })
    t.same([first, second, third].flatMap(({ entries }) => entries.map(({ item }) => item.id)), [0, 3, 1, 2, 4])
    t.same((await store.list({ ...query, where: [{ property: 'name', operator: 'eq', value: "ait's" }] })).entries.map(({ item }) => item.id), [0])
  })

  await t.test('the limits hold', (t) => limitsHold(t, through(url)))

  await t.test('also with one that drops what it does not know', async (t) => {
    const dropping = 'ignore_startup_parameters = statement_timeout, lock_timeout, idle_in_transaction_session_timeout'
    await limitsHold(t, (await startPgbouncer(t, url, dropping))(url))
  })
})

t.test('whatever refuses limits at the start is a pooler', async (t) => {
  await limitsHold(t, await startProxy(t, url, (sent) => sent.includes('statement_timeout\0') ? 'unsupported startup parameter: statement_timeout' : true))
})

/** Tests that nothing waits for long, be it one statement or many. */
async function limitsHold (t: Test, through: string): Promise<void> {
  await empty()
  const store = await openPostgresStore(`${through}?lock_timeout=100`, model)
  t.teardown(() => store.close())
  await store.create(LANGUAGE)
  const person = new pg.Client(url)
  await person.connect()
  t.teardown(() => person.end())
  await person.query('begin')
  await person.query('lock table programming_languages')
  for (const call of callsOf(store)) await t.rejects(async () => await call(), StoreUnavailable)
  await person.query('rollback')
  t.match(await store.get(0), { item: { id: 0 } })
  t.same(await runSql(url, "select from pg_stat_activity where state = 'active' and wait_event_type = 'Lock'"), [], 'nothing still waits')
}

const callsOf = (store: Store): (() => unknown)[] => [
  () => store.get(0),
  () => store.list({ where: [], order: [], limit: 1 }),
  () => store.create(LANGUAGE),
  () => store.update(0, () => LANGUAGE),
  () => store.ping()
]

t.test('a read by its id is one way there and back', async (t) => {
  await empty()
  const urls = hasPgbouncer ? [url, (await startPgbouncer(t, url))(url)] : [url]
  for (const one of urls) {
    let sent = 0
    const store = await openPostgresStore(await startProxy(t, one, () => { sent++; return true }), model)
    await store.create(LANGUAGE)
    await store.get(0)
    sent = 0
    for (let i = 0; i < 10; i++) t.match(await store.get(0), { item: { id: 0 } })
    t.equal(sent, 10)
    await store.close()
    await empty()
  }
})
