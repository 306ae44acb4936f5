import { setTimeout as pause } from 'node:timers/promises'
import { Type } from '@sinclair/typebox'
import pg from 'pg'
import t, { type Test } from 'tap'
import { describePostgresTables, openPostgresStore, openStore } from '../../stores/open.js'
import { StillRunning, StoreUnavailable } from '../../stores/store.js'
import { model, toModel } from '../../app.js'
import { LANGUAGE } from '../build.js'
import { describeProperty } from '../../schemas/property.js'
import { defineResource } from '../../schemas/resource.js'
import { toFailure } from '../../stores/postgres/connections.js'
import { compileSelect } from '../../stores/postgres/select.js'
import { tableOf } from '../../stores/postgres/table.js'
import type { Condition, Model, Query, Store, StoreSettings } from '../../stores/store.js'
import { openDatabases, runSql, startProxy, startServer } from '../postgres.js'
import { testStore } from '../testing.js'

const ALL: Query = { where: [], order: [], limit: 1000 }

const { fresh } = await openDatabases(t)

await testStore(t, 'postgres', async (model, settings) => openPostgresStore(await fresh(), model, settings), { numRuns: 50 })

/** A store that is closed with the test. */
async function open (t: Test, url: string, settings: StoreSettings = {}, which: Model = model): Promise<Store> {
  const store = await openPostgresStore(url, which, settings)
  t.teardown(() => store.close())
  return store
}

/** A person at the same database. */
async function connect (t: Test, url: string): Promise<pg.Client> {
  const client = new pg.Client(url)
  await client.connect()
  t.teardown(() => client.end())
  return client
}

/** Returns when so many others wait for the table. */
async function waiting (person: pg.Client, count: number): Promise<void> {
  const text = "select true from pg_locks where not granted and relation = 'programming_languages'::regclass"
  while ((await person.query(text)).rows.length < count) await pause(5)
}

t.test('it is opened by its URL', async (t) => {
  const url = await fresh()
  for (const scheme of ['postgres:', 'postgresql:']) {
    const store = await openStore(url.replace(/^\w+:/, scheme), model)
    t.equal(await store.ping(), undefined)
    await store.close()
  }
})

t.test('ten servers that start at once make one table, with the starting records once', async (t) => {
  const url = await fresh()
  const stores = await Promise.all(Array.from({ length: 10 }, () => open(t, url)))
  const person = await connect(t, url)
  await person.query('begin')
  await person.query('lock table programming_languages in share mode')
  const seeded = Promise.all(stores.map((store) => store.seed([LANGUAGE, { ...LANGUAGE, name: 'Simula' }])))
  await waiting(person, 10)
  await person.query('commit')
  await seeded
  for (const store of stores) t.same((await store.list(ALL)).entries.map(({ item }) => item.id), [0, 1])
})

t.test('starting records that could not all be created are none, and can be created later', async (t) => {
  const store = await open(t, await fresh())
  await t.rejects(async () => await store.seed([LANGUAGE, { ...LANGUAGE, name: null }]))
  t.same(await store.list(ALL), { entries: [], more: false })
  await store.seed([LANGUAGE])
  t.same((await store.list(ALL)).entries.map(({ item }) => item.id), [0])
})

t.test('writes from two servers at the same time', async (t) => {
  // A thousand wait for ten connections, on a machine that may have much else to do.
  const url = await fresh({ connectionTimeoutMillis: '60000', statement_timeout: '60000', query_timeout: '60000' })
  const stores = [await open(t, url), await open(t, url)]
  const either = (i: number) => stores[i % 2] as Store

  await t.test('no id is given twice', async (t) => {
    const ids = await Promise.all(Array.from({ length: 200 }, async (_, i) => Number((await either(i).create(LANGUAGE)).id)))
    t.same(ids.sort((a, b) => a - b), Array.from({ length: 200 }, (_, i) => i))
  })

  await t.test('of 1,000 conditional writes to one record, one wins for each state that it had', async (t) => {
    const levels = 10
    const tags = new Set([(await either(0).get(0))?.etag])
    const levelWins = Array.from({ length: levels }, () => 0)
    await Promise.all(Array.from({ length: 1000 }, async (_, i) => {
      const level = i % levels
      const refusal = new Error('not this level')
      try {
        const changed = await either(i).update(0, ({ item }) => {
          if (item.publication_year !== 1967 + level) throw refusal
          return { ...item, publication_year: 1967 + level + 1 }
        })
        tags.add(changed?.etag)
        levelWins[level] = (levelWins[level] ?? 0) + 1
      } catch (error) {
        if (error !== refusal) throw error
      }
    }))
    t.ok(levelWins.every((wins) => wins <= 1))
    const reached = levelWins.filter((wins) => wins === 1).length
    t.ok(reached >= 1)
    t.equal((await either(1).get(0))?.item.publication_year, 1967 + reached)
    t.equal(tags.size, reached + 1)
  })

  await t.test('of 1,000 changes to one record, none is lost', async (t) => {
    const before = Number((await either(0).get(1))?.item.publication_year)
    await Promise.all(Array.from({ length: 1000 }, (_, i) =>
      either(i).update(1, ({ item }) => ({ ...item, publication_year: Number(item.publication_year) + 1 }))))
    t.equal((await either(0).get(1))?.item.publication_year, before + 1000)
  })

  await t.test('of those with one key, one happens', async (t) => {
    const attempts = await Promise.allSettled(Array.from({ length: 40 }, async (_, i) => await either(i).create(LANGUAGE, { key: 'a', fingerprint: 'x' })))
    const made = attempts.flatMap((attempt) => attempt.status === 'fulfilled' ? [attempt.value.item.id] : [])
    t.equal(new Set(made).size, 1)
    for (const attempt of attempts) if (attempt.status === 'rejected') t.type(attempt.reason, StillRunning)
  })

  await t.test('while one with the same key runs, others are told so', async (t) => {
    const once = { key: 'b', fingerprint: 'x' }
    const person = await connect(t, url)
    await person.query('begin')
    await person.query('lock table programming_languages in share mode')
    const first = either(0).create(LANGUAGE, once)
    await waiting(person, 1)
    await t.rejects(async () => await either(1).create(LANGUAGE, once), new StillRunning())
    await person.query('commit')
    const created = await first
    t.same(await either(1).create(LANGUAGE, once), { ...created, fingerprint: 'x' })
  })
})

t.test('expired keys are removed, some with each write', async (t) => {
  const url = await fresh()
  const store = await open(t, url, { keyLifetime: 0.001 })
  for (let i = 0; i < 15; i++) await runSql(url, "insert into programming_languages_receipts values ($1, 'x', '{}', 'x', now() - interval '1 hour')", [`old ${i}`])
  const count = async () => (await runSql(url, 'select count(*)::int from programming_languages_receipts where key like $1', ['old %']))[0].count
  await store.create(LANGUAGE, { key: 'a', fingerprint: 'x' })
  t.equal(await count(), 5)
  await store.create(LANGUAGE, { key: 'b', fingerprint: 'x' })
  t.equal(await count(), 0)
})

t.test('people can use the table with SQL', async (t) => {
  const url = await fresh()
  const store = await open(t, url)
  const created = await store.create(LANGUAGE)
  t.same(await runSql(url, 'select * from programming_languages where publication_year < 1970'), [{ ...created.item, id: '0', publication_year: '1967' }])
  await runSql(url, "update programming_languages set name = 'Simula' where id = 0")
  t.same(await store.get(0), model.represent({ ...created.item, name: 'Simula' }))
  await runSql(url, "insert into programming_languages (name, publication_year, contribution) values ('CLU', 1975, 'iterators')")
  t.equal((await store.get(1))?.item.name, 'CLU')
  await t.rejects(runSql(url, "insert into programming_languages (id, name, publication_year, contribution) values (2, 'CLU', 1975, 'iterators')"), { code: '428C9' })
  await runSql(url, "alter table programming_languages add column note text not null default ''")
  t.equal((await (await open(t, url)).get(1))?.item.name, 'CLU', 'a column of their own is left alone')
})

t.test('text is text, whatever is in it', async (t) => {
  const url = await fresh()
  const store = await open(t, url)
  const texts = ["'; drop table programming_languages; --", '\\', '\\x00', '"', "''", '$1', '%s', '\u{1F600}\u{10FFFF}', '\u0001\u007F\u2028', 'null', "E'\\n'", '{"a":1}', 'x'.repeat(200)]
  for (const name of texts) {
    const { item } = await store.create({ ...LANGUAGE, name, contribution: name })
    const equal = { operator: 'eq' as const, value: name }
    t.equal((await store.get(Number(item.id)))?.item.name, name)
    t.same((await store.list({ ...ALL, where: [{ property: 'name', ...equal }, { property: 'contribution', ...equal }] })).entries.map(({ item }) => item.id), [item.id])
  }
  await t.rejects(async () => await store.list({ ...ALL, where: [{ property: 'name" = name; --', operator: 'eq', value: '' }] }))
})

t.test('the longest text is kept, and is ordered by all of it', async (t) => {
  const store = await open(t, await fresh())
  const contributions = Array.from({ length: 8 }, (_, i) =>
    Array.from({ length: 1999 }, (_, j) => String.fromCodePoint(0x10000 + (j * 7919 + (j > 700 ? i * 104729 : 0)) % 0xF0000)).join('') + i)
  for (const contribution of contributions) await store.create({ ...LANGUAGE, contribution })
  const sorted = [...contributions].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
  for (const descending of [false, true]) {
    const order = [{ property: 'contribution', descending }]
    const found: unknown[] = []
    for (let after, more = true; more;) {
      const slice = await store.list({ where: [], order, after, limit: 3 })
      found.push(...slice.entries.map(({ item }) => item.contribution))
      after = slice.entries.at(-1)?.item
      more = slice.more
    }
    t.same(found, descending ? sorted.reverse() : sorted)
  }
})

t.test('lists use the indexes', async (t) => {
  const url = await fresh()
  const store = await open(t, url)
  await runSql(url, `insert into programming_languages (name, publication_year, contribution)
    select 'name ' || i, case i % 2000 when 0 then 1 when 1 then 9999 else 1000 + i % 80 end, 'contribution ' || i from generate_series(0, 39999) i`)
  await runSql(url, 'analyze programming_languages')
  const person = await connect(t, url)
  const last = { id: 20_000, name: 'name 20000', publication_year: 1041, contribution: 'contribution 20000' }
  const where = (property: string, operator: 'lt' | 'gt' | 'eq', value: string | number): Query => ({ ...ALL, where: [{ property, operator, value }], limit: 100 })
  const bounds = [...where('publication_year', 'gt', 0).where, ...where('publication_year', 'lt', 30_000).where]
  const CASES: [string, Query, RegExp][] = [
    ['equal text', where('name', 'eq', 'name 77'), /__name/],
    ['equal long text', where('contribution', 'eq', 'contribution 77'), /_contribution/],
    ['a bound below', where('publication_year', 'gt', 9000), /__publication_year/],
    ['a bound above', where('publication_year', 'lt', 1000), /__publication_year/],
    ['both bounds', { ...ALL, where: [...where('publication_year', 'gt', 1030).where, ...where('publication_year', 'lt', 1032).where] }, /__publication_year/],
    ['bounds that all satisfy', { ...ALL, where: bounds, limit: 100 }, /_pkey$/],
    ['a page by id', { ...ALL, where: bounds, after: { id: 20_000 }, limit: 100 }, /_pkey$/]
  ]
  for (const property of ['name', 'publication_year', 'contribution']) {
    const index = new RegExp(`__${property}`)
    for (const descending of [false, true]) {
      const query = { where: bounds, order: [{ property, descending }], limit: 100 }
      CASES.push([`${property}, descending: ${descending}`, query, index])
      CASES.push([`${property}, descending: ${descending}, far from the start`, { ...query, after: last }, index])
    }
  }
  for (const [name, query, index] of CASES) {
    const { indexes, most } = await explain(person, query)
    t.match(indexes.join(), index, name)
    t.ok(most <= 501, `${name} looks at few rows: ${most}`)
    t.equal((await store.list(query)).entries.length > 0, true)
  }
})

t.test('a filter and an order that go together, or against each other, make no list slow', async (t) => {
  const url = await fresh()
  await open(t, url)
  const person = await connect(t, url)
  // Names and contributions rise with the years, and every other language has one name; the ids are in no such order.
  await person.query(`insert into programming_languages (name, publication_year, contribution)
    select case when i % 2 = 1 and i > 20000 then 'common' else 'name ' || lpad(i::text, 5, '0') end, 1 + i / 20, 'contribution ' || lpad(i::text, 5, '0')
    from generate_series(0, 39999) i order by md5(i::text)`)
  await person.query('vacuum analyze programming_languages')

  const year = (operator: 'lt' | 'gt', value: number): Condition => ({ property: 'publication_year', operator, value })
  const name = (value: string): Condition => ({ property: 'name', operator: 'eq', value })
  const FILTERS: Condition[][] = [
    [year('gt', 1980)], [year('gt', 1000)], [year('lt', 20)], [year('lt', 1000)],
    [year('gt', 1000), year('lt', 1010)], [year('gt', 500), year('lt', 1500)], [year('gt', 1500), year('lt', 1501)], [year('gt', 1900), year('lt', 100)],
    [name('common')], [name('name 20000')], [name('nobody')], [name('common'), year('lt', 1010)], [name('common'), year('gt', 1990)]
  ]
  const keys = ['id', 'name', 'publication_year', 'contribution'].flatMap((property) => [false, true].map((descending) => ({ property, descending })))
  const ORDERS = [[], ...keys.flatMap((first) => [[first], ...keys.filter(({ property }) => property !== first.property && first.property !== 'id').map((second) => [first, second])])]
  const [middle] = (await person.query('select id::int, name, publication_year::int, contribution from programming_languages where publication_year = 1000 limit 1')).rows
  const slow: unknown[] = []
  for (const where of FILTERS) {
    for (const order of ORDERS) {
      for (const after of [undefined, middle]) {
        const { indexes, most } = await explain(person, { where, order, after, limit: 100 })
        // Along the primary key, the table is read in its own order, which is quick. Of two keys, those are sorted that tie on the first one.
        const quick = indexes.length > 0 && indexes.every((index) => String(index).endsWith('_pkey'))
        const tied = order.length === 2 && order[0]?.property === 'name'
        if (!quick && !tied && (indexes.length === 0 || most > 2500)) slow.push({ where, order, after, most, indexes })
      }
    }
  }
  t.same(slow, [])
})

t.test('lists of a property that records may lack use the indexes', async (t) => {
  const url = await fresh()
  const things = toModel(defineResource({
    name: 'thing',
    plural: 'things',
    description: 'A thing',
    id: ['shelf', 'place'],
    properties: { shelf: Type.String({ maxLength: 20 }), place: Type.Integer({ minimum: 0, maximum: 1e6 }), rank: Type.Optional(Type.Integer({ minimum: 0, maximum: 1e6 })) },
    filters: { rank: ['eq', 'in', 'gt', 'exists'] }
  }))
  await open(t, url, {}, things)
  const person = await connect(t, url)
  await person.query("insert into things select 'shelf ' || i % 100, i, case when i % 2 = 0 then i / 10 end from generate_series(0, 39999) i")
  await person.query('vacuum analyze things')
  const hasValue: Condition = { property: 'rank', operator: 'lt', value: null }
  for (const descending of [false, true]) {
    for (const [name, query] of Object.entries<Omit<Query, 'limit'>>({
      'by rank': { where: [], order: [{ property: 'rank', descending }] },
      'by rank, far from the start': { where: [], order: [{ property: 'rank', descending }], after: { shelf: 'shelf 50', place: 20_050, rank: 2005 } },
      'by rank, behind the last with one': { where: [], order: [{ property: 'rank', descending }], after: { shelf: 'shelf 51', place: 20_051 } },
      'those with a rank': { where: [hasValue], order: [{ property: 'rank', descending }], after: { shelf: 'shelf 50', place: 20_050, rank: 2005 } },
      'above a rank': { where: [{ property: 'rank', operator: 'gt', value: 3000 }, hasValue], order: [{ property: 'rank', descending }] },
      'some ranks': { where: [{ property: 'rank', operator: 'in', value: [1, 1000, 3999] }], order: [{ property: 'place', descending }] },
      'by place': { where: [], order: [{ property: 'place', descending }], after: { shelf: 'shelf 50', place: 20_050 } },
      'by key': { where: [], order: [{ property: 'shelf', descending }], after: { shelf: 'shelf 50', place: 20_050 } }
    })) {
      const { indexes, most } = await explain(person, { ...query, limit: 100 }, things)
      t.ok(indexes.length > 0 && most <= 501, `${name}, descending: ${descending}: ${indexes.join()} ${most}`)
    }
  }
})

/** The indexes that the plan for a query uses, and the most rows that any part of it takes from the table. */
async function explain (person: pg.Client, query: Query, which: Model = model) {
  const { text, values } = compileSelect(tableOf(which), which.sortable).list(query)
  const { rows: [{ 'QUERY PLAN': [{ Plan: plan }] }] } = await person.query(`explain (analyze, timing off, format json) ${text}`, [...values])
  const nodes = [plan, ...partsOf(plan)]
  return {
    indexes: nodes.flatMap((node) => node['Index Name'] ?? []),
    most: Math.max(...nodes.map((node) => Number(node['Actual Rows']) + Number(node['Rows Removed by Filter'] ?? 0)))
  }
}

/** The parts of a plan, and theirs. */
function partsOf ({ Plans = [] }: Record<string, unknown>): Record<string, unknown>[] {
  return (Plans as Record<string, unknown>[]).flatMap((part) => [part, ...partsOf(part)])
}

t.test('what cannot be opened says why, in one line without the password', async (t) => {
  const url = await fresh()
  const other = (change: (url: URL) => void) => {
    const found = new URL(url)
    change(found)
    return found.href
  }
  const CASES: [string, string, RegExp][] = [
    ['a wrong password', other((url) => { url.password = 'secret' }), /^PostgreSQL at 127\.0\.0\.1:\d+: password authentication failed for user "postgres"$/],
    ['no such database', other((url) => { url.pathname = '/nowhere' }), /^PostgreSQL at 127\.0\.0\.1:\d+: database "nowhere" does not exist$/],
    ['nobody there', other((url) => { url.port = '1' }), /^PostgreSQL at 127\.0\.0\.1:1: connect ECONNREFUSED 127\.0\.0\.1:1$/],
    ['no such host', other((url) => { url.hostname = 'nowhere.invalid' }), /^PostgreSQL at nowhere\.invalid:\d+: getaddrinfo \w+ nowhere\.invalid$/],
    ['no URL', 'postgres://user:secret@:x', /^the URL of the PostgreSQL store cannot be read: Invalid URL$/],
    ...['max=0', 'max=2', 'max=abc', 'max=', 'max=1e3'].map((limit): [string, string, RegExp] =>
      [limit, `${url}&${limit}`, /^the URL of the PostgreSQL store cannot be read: max must be an integer from 3 to 2147483647$/]),
    ...['-1', '0', '0.5', '2147483648', 'Infinity'].map((time): [string, string, RegExp] =>
      [time, `${url}&lock_timeout=${time}`, /^the URL of the PostgreSQL store cannot be read: lock_timeout must be an integer from 1 to 2147483647$/])
  ]
  for (const [name, url, message] of CASES) await t.rejects(openPostgresStore(url, model), { message }, name)

  await runSql(url, 'create table programming_languages (id bigint not null, name text COLLATE "C" not null, publication_year int not null, rank int not null)')
  await t.rejects(openPostgresStore(url, model), {
    message: new RegExp(': the table "programming_languages" does not fit the schema: ' +
      'it has no column contribution of the type text COLLATE "C": add it, or make the property optional or give it a default, and it will be added; ' +
      'its column id is not generated: alter table "programming_languages" alter column "id" add generated by default as identity; ' +
      'the schema has no property for its column rank of the type integer, which must have a value: give it a default, or drop it; ' +
      'it has no primary key of id: alter table "programming_languages" add primary key \\("id"\\)$')
  })
})

t.test('a table that takes what the schema does not, or does not take what it does, is refused', async (t) => {
  const url = await fresh()
  await (await open(t, url)).ping()
  await runSql(url, 'alter table programming_languages alter name drop not null, add remark text COLLATE "C" not null default \'\'')
  await t.rejects(openPostgresStore(url, model), { message: /: its column name may be null: make the property optional, or alter table "programming_languages" alter column "name" set not null$/ })
  await runSql(url, 'alter table programming_languages alter name set not null')
  const remark = describeProperty('remark', Type.Optional(Type.String()))
  await t.rejects(openPostgresStore(url, { ...model, properties: [...model.properties, remark] }), {
    message: /: its column remark may not be null, but the property may be absent: alter table "programming_languages" alter column "remark" drop not null$/
  })
})

t.test('people cannot write what the schema does not allow', async (t) => {
  const url = await fresh()
  const store = await open(t, url)
  const text = 'insert into programming_languages (name, publication_year, contribution) values ($1, $2, $3)'
  const whole: unknown[] = ['\u{1F600}'.repeat(200), 9999, '\u{1F600}'.repeat(2000)]
  await runSql(url, text, whole)
  t.equal((await store.get(0))?.item.name, whole[0])
  for (const [at, value] of [[0, ''], [0, ' \u00a0\t'], [0, 'x'.repeat(201)], [1, 0], [1, 10_000], [1, null], [2, 'x'.repeat(2001)]] as const) {
    await t.rejects(runSql(url, text, whole.with(at, value)), { code: value === null ? '23502' : '23514' }, String(value))
  }
})

t.test('a role that may only read and write rows', async (t) => {
  const role = `role_${process.pid}`
  const admin = await fresh()
  await runSql(admin, `create role ${role} login password 'secret'`)
  t.teardown(() => runSql(admin, `drop owned by ${role}; drop role ${role}`))

  /** A database with the tables that the printed SQL makes, and its URL for the role. */
  async function prepared (of: Model = model) {
    const url = new URL(await fresh())
    const schema = String(url.searchParams.get('options')).replace(/.*=/, '')
    await runSql(url.href, `${await describePostgresTables([of])} grant usage on schema ${schema} to ${role};
      grant select, insert, update, delete on ${of.name}, ${of.name}_receipts to ${role}`)
    const owner = url.href
    url.username = role
    url.password = 'secret'
    return { owner, url: url.href }
  }

  await testStore(t, 'it keeps the contract', async (model, settings) => openPostgresStore((await prepared(model)).url, model, settings), { numRuns: 3 })

  await t.test('starting records are created once, whoever starts', async (t) => {
    const { owner, url } = await prepared()
    const store = await open(t, url)
    await store.seed([])
    await store.seed([LANGUAGE])
    t.equal((await store.get(0))?.item.name, LANGUAGE.name)
    await runSql(owner, 'delete from programming_languages')
    for (const one of [url, owner]) await (await open(t, one)).seed([LANGUAGE])
    t.same(await store.list(ALL), { entries: [], more: false })
  })

  await t.test('nor are there any after a delete', async (t) => {
    const store = await open(t, (await prepared()).url)
    await store.create(LANGUAGE)
    await store.delete(0, () => {})
    await store.seed([LANGUAGE])
    t.same(await store.list(ALL), { entries: [], more: false })
  })

  await t.test('what it may not do is a 503 that says why', async (t) => {
    const { owner, url } = await prepared()
    const store = await open(t, url)
    await store.create(LANGUAGE)
    await runSql(owner, `revoke insert on programming_languages from ${role}`)
    await t.rejects(async () => await store.create(LANGUAGE), { name: 'StoreUnavailable', message: 'permission denied for table programming_languages' })
    t.equal(await store.ping(), undefined, 'it can still be read')
    await runSql(owner, `revoke select on programming_languages from ${role}`)
    await t.rejects(async () => await store.ping(), StoreUnavailable)
    await t.rejects(async () => await store.get(0), StoreUnavailable)
    const empty = new URL(await fresh())
    empty.username = role
    empty.password = 'secret'
    await t.rejects(openPostgresStore(empty.href, model), { message: /^PostgreSQL at \S+: (permission denied for|no) schema/ })
  })
})

t.test('a table that is gone, or a database that only reads', async (t) => {
  const url = await fresh()
  const store = await open(t, url)
  await store.create(LANGUAGE)
  const reader = await open(t, url.replace('options=', 'options=-c%20default_transaction_read_only%3Don%20'))
  await t.rejects(async () => await reader.create(LANGUAGE), { name: 'StoreUnavailable', message: 'cannot execute INSERT in a read-only transaction' })
  t.equal((await reader.get(0))?.item.id, 0)
  await runSql(url, 'drop table programming_languages')
  await t.rejects(async () => await store.ping(), { name: 'StoreUnavailable', message: 'relation "programming_languages" does not exist' })
  await t.rejects(async () => await store.get(0), StoreUnavailable)
})

t.test('what takes too long is given up', async (t) => {
  const url = await fresh()
  const limited = (limits: string) => `${url}&${limits}`
  const person = await connect(t, url)
  const owner = await open(t, url)
  await owner.create(LANGUAGE)

  await t.test('a statement', async (t) => {
    for (const limit of ['statement_timeout', 'lock_timeout']) {
      const store = await open(t, limited(`${limit}=100`))
      await person.query('begin')
      await person.query('lock table programming_languages')
      await t.rejects(async () => await store.get(0), StoreUnavailable)
      await t.rejects(async () => await store.list(ALL), StoreUnavailable)
      await t.rejects(async () => await store.update(0, () => LANGUAGE), StoreUnavailable)
      await t.rejects(async () => await store.ping(), StoreUnavailable)
      await person.query('rollback')
      t.match(await store.get(0), { item: { id: 0 } }, 'and then goes on')
    }
  })

  await t.test('the statement of a list, sooner', async (t) => {
    const store = await open(t, limited('list_statement_timeout=100'))
    await person.query('begin')
    await person.query('lock table programming_languages')
    const read = store.get(0)
    await t.rejects(async () => await store.list(ALL), StoreUnavailable)
    await person.query('rollback')
    t.match(await read, { item: { id: 0 } })
  })

  await t.test('the wait for a connection', async (t) => {
    const store = await open(t, limited('max=3&connectionTimeoutMillis=100'))
    await person.query('begin')
    await person.query('lock table programming_languages')
    // At the same time, they would share a connection.
    const first: unknown[] = []
    for (let i = 0; i < 2; i++) {
      first.push(store.get(0))
      await pause(50)
    }
    await t.rejects(async () => await store.get(0), StoreUnavailable)
    await t.rejects(async () => await store.delete(0, () => {}), StoreUnavailable)
    await person.query('rollback')
    t.match(await Promise.all(first), [{ item: { id: 0 } }, { item: { id: 0 } }])
  })

  await t.test('a database that does not answer', async (t) => {
    let silent = false
    const store = await open(t, await startProxy(t, limited('connectionTimeoutMillis=500&query_timeout=100'), () => !silent))
    silent = true
    const start = Date.now()
    await t.rejects(async () => await store.get(0), StoreUnavailable)
    await t.rejects(async () => await store.ping(), StoreUnavailable)
    t.ok(Date.now() - start < 3000)
    silent = false
    t.match(await store.get(0), { item: { id: 0 } }, 'and then goes on')
  })

  await t.test('a write whose end is not known is never said to have happened', async (t) => {
    const store = await open(t, await startProxy(t, limited('query_timeout=100'), (sent) => !sent.includes('commit')))
      .catch((error) => error)
    t.match(store, { message: /^PostgreSQL at 127\.0\.0\.1:\d+: Query read timeout$/ }, 'nor a table to have been made')
    let cut = false
    const other = await open(t, await startProxy(t, limited('query_timeout=100'), (sent) => !(cut && sent.includes('commit'))))
    cut = true
    await t.rejects(async () => await other.update(0, ({ item }) => ({ ...item, name: 'Simula' })), StoreUnavailable)
  })
})

t.test('work of one kind leaves connections to the others', async (t) => {
  const url = await fresh()
  const person = await connect(t, url)
  const owner = await open(t, url)
  for (let i = 0; i < 12; i++) await owner.create(LANGUAGE)

  await t.test('many writes to a record that something else has locked', async (t) => {
    const store = await open(t, `${url}&lock_timeout=300&connectionTimeoutMillis=500`)
    await person.query('begin')
    await person.query('select * from programming_languages where id = 0 for update')
    const blocked = Promise.allSettled(Array.from({ length: 40 }, () => store.update(0, () => LANGUAGE)))
    t.equal((await store.update(1, () => LANGUAGE))?.item.id, 1)
    t.equal((await store.create(LANGUAGE)).item.id, 12)
    t.equal((await store.get(0))?.item.id, 0)
    t.equal((await store.list(ALL)).entries.length, 13)
    t.equal(await store.ping(), undefined)
    for (const result of await blocked) t.type(result.status === 'rejected' && result.reason, StoreUnavailable)
    await person.query('rollback')
  })

  await t.test('many writes to records that something else has locked', async (t) => {
    const store = await open(t, url)
    await person.query('begin')
    await person.query('select * from programming_languages for update')
    const blocked = Array.from({ length: 12 }, (_, id) => store.update(id, () => LANGUAGE))
    t.equal((await store.get(0))?.item.id, 0)
    t.equal((await store.list(ALL)).entries.length, 13)
    t.equal(await store.ping(), undefined)
    await person.query('rollback')
    t.same((await Promise.all(blocked)).map((entry) => entry?.item.id), Array.from({ length: 12 }, (_, id) => id))
  })

  await t.test('many lists that have no answer yet', async (t) => {
    const store = await open(t, await startProxy(t, `${url}&query_timeout=500&connectionTimeoutMillis=1000`, (sent) => !sent.includes('order by')))
    const blocked = Promise.allSettled(Array.from({ length: 20 }, () => store.list(ALL)))
    t.equal((await store.get(0))?.item.id, 0)
    t.equal((await store.update(1, () => LANGUAGE))?.item.id, 1)
    t.equal((await store.create(LANGUAGE)).item.id, 13)
    t.equal(await store.ping(), undefined)
    for (const result of await blocked) t.type(result.status === 'rejected' && result.reason, StoreUnavailable)
  })
})

t.test('a database that goes away and comes back', async (t) => {
  const server = await startServer(t)
  const store = await open(t, server.url)
  await store.create(LANGUAGE)
  await server.stop()
  const start = Date.now()
  const CALLS: (() => unknown)[] = [
    () => store.get(0),
    () => store.list(ALL),
    () => store.create(LANGUAGE),
    () => store.create(LANGUAGE, { key: 'a', fingerprint: 'x' }),
    () => store.update(0, () => LANGUAGE),
    () => store.delete(0, () => {}),
    () => store.seed([LANGUAGE]),
    () => store.ping()
  ]
  for (const call of CALLS) await t.rejects(async () => await call(), StoreUnavailable)
  t.ok(Date.now() - start < 5000)
  await server.start()
  t.match(await store.get(0), { item: { id: 0 } })
  t.ok(Number((await store.create(LANGUAGE, { key: 'a', fingerprint: 'x' })).id) >= 1)
})

t.test('what is the fault of the connection, and what is not', async (t) => {
  const answer = (code: string) => Object.assign(new pg.DatabaseError('says', 4, 'error'), { code })
  for (const code of ['08006', '57P01', '57014', '53300', '40001', '40P01', '28P01', '3D000', '25006', '42501', '42P01', '42703', '0A000']) t.type(toFailure(answer(code)), StoreUnavailable, code)
  for (const code of ['23505', '42601', '22P02']) t.equal(Object(toFailure(answer(code))).code, code)
  t.match(toFailure(Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' })), { message: 'ECONNREFUSED', retryAfter: 1 })
})
