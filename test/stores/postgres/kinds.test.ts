import { setTimeout as pause } from 'node:timers/promises'
import { Type, type TSchema } from '@sinclair/typebox'
import fc from 'fast-check'
import pg from 'pg'
import t, { type Test } from 'tap'
import { holdsFor } from '../../../stores/conditions.js'
import { idReader } from '../../../stores/ids.js'
import { describePostgresTables, openPostgresStore, openPostgresStores } from '../../../stores/open.js'
import { compareBy, completeOrder, valueOf } from '../../../stores/order.js'
import { defineResource, type Fields, type Resource } from '../../../schemas/resource.js'
import { Duplicate, StoreUnavailable, type Condition, type Entry, type Model, type Query, type Store, type Value } from '../../../stores/store.js'
import { openDatabases, runSql, startProxy } from '../../postgres.js'
import { toModel } from '../../../app.js'

const { fresh } = await openDatabases(t)

/** A client that has said something. */
async function connect (t: Test, url: string, sql: string): Promise<pg.Client> {
  const client = new pg.Client(url)
  await client.connect()
  t.teardown(() => client.end())
  await client.query(sql)
  return client
}

const ALL: Query = { where: [], order: [], limit: 1000 }

async function open (t: Test, url: string, model: Model): Promise<Store> {
  const store = await openPostgresStore(url, model)
  t.teardown(() => store.close())
  return store
}

/** Every kind of property: the type of its column, its schema, and values in their order. */
const KINDS: Readonly<Record<string, { type: string, schema: TSchema, values: readonly unknown[] }>> = {
  small: { type: 'integer', schema: Type.Integer({ minimum: -1000, maximum: 1000 }), values: [-1000, 0, 7, 1000] },
  large: { type: 'bigint', schema: Type.Integer({ minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER }), values: [Number.MIN_SAFE_INTEGER, 0, Number.MAX_SAFE_INTEGER] },
  any_integer: { type: 'bigint', schema: Type.Integer(), values: [Number.MIN_SAFE_INTEGER, 0, Number.MAX_SAFE_INTEGER] },
  real: { type: 'double precision', schema: Type.Number(), values: [-1.5, 0.1, 5e-324, 1.7e308].sort((a, b) => a - b) },
  flag: { type: 'boolean', schema: Type.Boolean(), values: [false, true] },
  word: { type: 'text', schema: Type.String({ maxLength: 20 }), values: ['', 'B', 'a', 'ab', '\uFFFD', '\u{1F600}'] },
  long: { type: 'text', schema: Type.String(), values: [`${'x'.repeat(600)}a`, `${'x'.repeat(600)}b`, 'y'] },
  choice: { type: 'text', schema: Type.Union([Type.Literal('it\'s'), Type.Literal('so')]), values: ['it\'s', 'so'] },
  grade: { type: 'double precision', schema: Type.Union([Type.Literal(1), Type.Literal(2)]), values: [1, 2] },
  day: { type: 'date', schema: Type.String({ format: 'date' }), values: ['0001-01-01', '1967-05-01', '9999-12-31'] },
  time: { type: 'timestamp(3) with time zone', schema: Type.String({ format: 'date-time' }), values: ['0001-01-01T00:00:00.000Z', '1800-01-01T12:00:00.001Z', '2026-03-29T01:30:00.999Z', '9999-12-31T23:59:59.999Z'] },
  token: { type: 'uuid', schema: Type.String({ format: 'uuid' }), values: ['01890a5d-ac96-774b-bcce-b302099a8057', 'f1890a5d-ac96-774b-bcce-b302099a8057'] },
  tags: { type: 'text[]', schema: Type.Array(Type.String()), values: [[], ['', 'NULL', '{"a,b"}', '\\', 'a"b']] },
  counts: { type: 'jsonb', schema: Type.Array(Type.Integer()), values: [[], [3, 1, 2]] },
  closed: { type: 'jsonb', schema: Type.Object({ b: Type.String(), a: Type.Array(Type.Object({ x: Type.Number() }, { additionalProperties: false })) }, { additionalProperties: false }), values: [{ b: 'b', a: [{ x: 0.1 }] }] },
  either: { type: 'json', schema: Type.Array(Type.Union([Type.Integer(), Type.Null()])), values: [[null, 2]] },
  anything: { type: 'json', schema: Type.Object({}), values: [{}, { z: 1, a: { y: null, b: [1, 'x'] } }] },
  pairs: { type: 'json', schema: Type.Record(Type.String(), Type.Integer(), { additionalProperties: false }), values: [{ z: 1, a: 2 }] },
  mixed: { type: 'json', schema: Type.Array(Type.Unknown()), values: [[], [null, { b: 1, a: 2 }, 'x']] }
}

const nullable = <S extends TSchema>(schema: S) => Type.Union([schema, Type.Null()])

/** The alternatives of a union stand beside null. */
const orNull = (schema: TSchema) => Array.isArray(schema.anyOf) ? Type.Union([...schema.anyOf as TSchema[], Type.Null()]) : nullable(schema)

const everything = toModel(defineResource({
  name: 'thing',
  plural: 'things',
  description: 'Of every kind',
  properties: Object.fromEntries([
    ...Object.entries(KINDS).flatMap(([name, { schema }]) => [[name, schema], [`${name}_optional`, Type.Optional(schema)], [`${name}_nullable`, orNull(schema)]]),
    ['Order', Type.Boolean()]
  ])
}) as Resource)

/** The i-th of a few records, which have every value somewhere. */
function thing (i: number): Fields {
  return Object.assign({ Order: i % 2 === 0 }, ...Object.entries(KINDS).map(([name, { values }], j) => {
    const value = (k: number) => values[k % values.length]
    return { [name]: value(i), ...i % 3 === 0 ? {} : { [`${name}_optional`]: value(i + j) }, [`${name}_nullable`]: i % 4 === 1 ? null : value(i + 2 * j) }
  }))
}

t.test('every kind has its column, and gives back what was written', async (t) => {
  const url = await fresh()
  const store = await open(t, url, everything)
  const types = await runSql(url, "select attname as name, format_type(atttypid, atttypmod) as type, attnotnull as required from pg_attribute where attrelid = 'things'::regclass and attnum > 0")
  for (const [name, { type }] of Object.entries(KINDS)) {
    t.same(types.filter((column) => column.name.replace(/_(optional|nullable)$/, '') === name).map(({ type, required }) => [type, required]), [[type, true], [type, false], [type, false]], name)
  }
  for (let i = 0; i < 12; i++) {
    const created = await store.create(thing(i))
    t.same(created, everything.represent({ id: i, ...thing(i) }))
    t.same(await store.get(i), created)
    t.equal((await store.get(i))?.body, created.body)
  }
  const together = await Promise.all(Array.from({ length: 25 }, async (_, i) => await store.create(thing(i))))
  t.same(together, together.map((_, i) => everything.represent({ id: 12 + i, ...thing(i) })), 'also in one statement')
  t.same(await Promise.all(together.map(({ id }) => store.get(id))), together)
  for (const { id } of together) await store.delete(id, () => {})
  t.same(await store.update(0, () => thing(7)), everything.represent({ id: 0, ...thing(7) }))
  t.same((await store.update(0, () => thing(0)))?.body, everything.represent({ id: 0, ...thing(0) }).body)
  t.equal(await (await open(t, url, everything)).count([]), 12, 'another server takes the table as it is')
  for (const zone of ['Europe/Berlin', 'Asia/Kolkata']) {
    const there = await open(t, url.replace('options=', `options=-c%20timezone%3D${zone}%20`), everything)
    for (let i = 0; i < 12; i++) t.same((await there.get(i))?.body, (await store.get(i))?.body, zone)
  }
})

t.test('people cannot write what the kinds do not allow', async (t) => {
  const url = await fresh()
  const store = await open(t, url, everything)
  await store.create(thing(1))
  for (const wrong of ["day = 'infinity'", "day = '0001-01-01 BC'", "time = '-infinity'", "time = '10000-01-01'", "real = 'NaN'", 'small = 1001', "choice = 'no'", 'grade = 3', "word = repeat('x', 21)"]) {
    await t.rejects(runSql(url, `update things set ${wrong}`), { code: '23514' }, wrong)
  }
})

const scalars = everything.sortable
const valuesOf = (property: string): readonly Value[] => property === 'id'
  ? [0, 5, 100]
  : [...(KINDS[property.replace(/_(optional|nullable)$/, '')] ?? { values: [false, true] }).values as readonly Value[], null]

const property = fc.constantFrom(...scalars)
const condition: fc.Arbitrary<Condition> = property.chain((property) => fc.oneof(
  fc.record({ property: fc.constant(property), operator: fc.constantFrom('lt' as const, 'lte' as const, 'eq' as const, 'gte' as const, 'gt' as const), value: fc.constantFrom(...valuesOf(property)) }),
  fc.record({ property: fc.constant(property), operator: fc.constant('in' as const), value: fc.array(fc.constantFrom(...valuesOf(property)), { maxLength: 4 }) })
))
const order = fc.uniqueArray(fc.record({ property, descending: fc.boolean() }), { maxLength: 3, selector: ({ property }) => property })

t.test('every operator, order and walk finds what a scan finds', async (t) => {
  const store = await open(t, await fresh(), everything)
  const records: Fields[] = []
  for (let i = 0; i < 30; i++) records.push((await store.create(thing(i))).item)
  const scan = (where: readonly Condition[]) => records.filter((item) => where.every((condition) => holdsFor(valueOf(item, condition.property), condition)))

  for (const property of scalars) {
    for (const value of valuesOf(property)) {
      for (const operator of ['lt', 'lte', 'eq', 'gte', 'gt'] as const) {
        for (const where of [[{ property, operator, value }], [{ property, operator, value }, { property, operator: 'lt' as const, value: null }]]) {
          t.equal(await store.count(where), scan(where).length, JSON.stringify(where))
        }
      }
    }
  }
  await fc.assert(fc.asyncProperty(fc.array(condition, { maxLength: 2 }), order, fc.integer({ min: 1, max: 12 }), async (where, order, limit) => {
    const expected = scan(where).sort(compareBy(completeOrder(order, ['id']))).map(({ id }) => id)
    const found: unknown[] = []
    for (let after: Fields | undefined, more = true; more;) {
      const slice = await store.list({ where, order, after, limit })
      found.push(...slice.entries.map(({ item }) => item.id))
      after = slice.entries.at(-1)?.item
      more = slice.more
    }
    t.same(found, expected)
    t.equal(await store.count(where), expected.length)
  }), { numRuns: 300 })
  for (const property of ['small', 'large']) {
    for (const [operator, count] of [['lt', 30], ['gt', 0]] as const) t.equal(await store.count([{ property, operator, value: 2 ** 63 }]), count, 'a bound beyond all that there can be')
    t.equal(await store.count([{ property, operator: 'gt', value: -(2 ** 63) }]), 30)
  }
  await t.rejects(async () => await store.count([{ property: 'tags', operator: 'eq', value: 'a' }]))
})

const seat = toModel(defineResource({
  name: 'seat',
  plural: 'seats',
  description: 'Of an own key',
  id: ['hall', 'row', 'day', 'front'],
  unique: [['guest'], ['hall', 'code']],
  properties: {
    hall: Type.String({ maxLength: 100 }),
    row: Type.Number(),
    day: Type.String({ format: 'date' }),
    front: Type.Boolean(),
    guest: Type.Optional(Type.String({ maxLength: 50 })),
    code: nullable(Type.Integer({ minimum: 0, maximum: 100 })),
    note: Type.Optional(Type.String({ maxLength: 500 }))
  }
}) as Resource)

const SEAT = { hall: 'big', row: -1.5, day: '2026-01-01', front: true, code: null }
const seatId = idReader(seat.key)

t.test('a key of several properties', async (t) => {
  const url = await fresh()
  const store = await open(t, url, seat)
  const created = await store.create(SEAT)
  t.same(created, seat.represent(SEAT))
  t.same(await store.get(seatId(SEAT)), created)
  t.equal(await store.get(seatId({ ...SEAT, row: 2 })), undefined)
  const row = await Promise.all(Array.from({ length: 10 }, async (_, i) => await store.create({ ...SEAT, row: 1 / (i + 2), front: i % 2 === 0, hall: `"{,\\}'${i}` })))
  t.same(await Promise.all([...row.map(({ id }) => store.get(id)), store.get(seatId({ ...SEAT, row: 2 })), store.get(created.id)]), [...row, undefined, created], 'also in one statement')
  await t.rejects(async () => await store.create({ ...SEAT, guest: 'x' }), new Duplicate(seat.key, seatId(SEAT)))
  t.same(await store.update(created.id, () => ({ ...SEAT, row: 5, guest: 'Ada' })), seat.represent({ ...SEAT, guest: 'Ada' }), 'the key stays')
  const once = { key: 'a', fingerprint: 'x' }
  const kept = await store.create({ ...SEAT, row: 7 }, once)
  t.same(await store.create(SEAT, once), { ...kept, fingerprint: 'x' })

  await t.test('it is put, whether it is there or not', async (t) => {
    const id = seatId({ ...SEAT, row: 3 })
    t.same(await store.put(id, (current) => ({ ...SEAT, row: 3, note: String(current?.id) })), seat.represent({ ...SEAT, row: 3, note: 'undefined' }))
    t.match(await store.put(id, (current) => ({ ...SEAT, row: 3, note: current?.item.note })), { item: { note: 'undefined' } })
    await t.rejects(async () => await store.put(id, () => { throw new Error('no') }), { message: 'no' })
    await t.rejects(async () => await store.put(seatId({ ...SEAT, row: 99 }), () => SEAT), Duplicate, 'another key than it says')
    t.equal(await store.delete(id, () => {}), true)
    t.equal(await store.delete(id, () => {}), false)
  })

  await t.test('of 20 at once on two servers, one creates, and the others come after', async (t) => {
    const stores = [store, await open(t, url, seat)]
    const either = (i: number) => stores[i % 2] as Store
    const id = seatId({ ...SEAT, hall: 'new' })
    const found = await Promise.all(Array.from({ length: 20 }, async (_, i) => {
      let before: Entry | undefined
      await either(i).put(id, (current) => {
        before = current
        return { ...SEAT, hall: 'new', note: `${current?.item.note ?? ''}x` }
      })
      return before
    }))
    t.equal(found.filter((before) => before === undefined).length, 1)
    t.equal((await store.get(id))?.item.note, 'x'.repeat(20))

    const creations = await Promise.allSettled(Array.from({ length: 20 }, async (_, i) => await either(i).create({ ...SEAT, hall: 'other' })))
    t.equal(creations.filter(({ status }) => status === 'fulfilled').length, 1)
    for (const creation of creations) if (creation.status === 'rejected') t.same(creation.reason, new Duplicate(seat.key, seatId({ ...SEAT, hall: 'other' })))
  })

  await t.test('what must be unique', async (t) => {
    const creations = await Promise.allSettled(Array.from({ length: 20 }, async (_, i) => await store.create({ ...SEAT, row: 100 + i, guest: 'Grace' })))
    t.equal(creations.filter(({ status }) => status === 'fulfilled').length, 1)
    for (const creation of creations) if (creation.status === 'rejected') t.same(creation.reason, new Duplicate(['guest']))
    const one = await store.create({ ...SEAT, row: 200, code: 1 })
    const other = await store.create({ ...SEAT, row: 201, code: 2 })
    await t.rejects(async () => await store.update(other.id, ({ item }) => ({ ...item, code: 1 }), { key: 'b', fingerprint: 'x' }), new Duplicate(['hall', 'code']))
    t.same(await store.get(other.id), other)
    await t.rejects(async () => await store.put(other.id, ({ item } = one) => ({ ...item, code: 1 })), new Duplicate(['hall', 'code']))
    t.same((await store.update(one.id, ({ item }) => item)), one, 'it is no duplicate of itself')
    await store.create({ ...SEAT, hall: 'small', code: 1 })
    await store.seed([{ ...SEAT, row: 1000 }])
    t.equal(await store.get(seatId({ ...SEAT, row: 1000 })), undefined, 'there were records before')
    await runSql(url, 'create unique index another on seats (note)')
    await store.create({ ...SEAT, row: 300, note: 'n' })
    await t.rejects(async () => await store.create({ ...SEAT, row: 301, note: 'n' }), new Duplicate(['another']), 'an index that is newer')
  })

  await t.test('all orders of a key, page by page', async (t) => {
    const records = (await store.list(ALL)).entries.map(({ item }) => item)
    await fc.assert(fc.asyncProperty(fc.uniqueArray(fc.record({ property: fc.constantFrom(...seat.sortable), descending: fc.boolean() }), { maxLength: 5, selector: ({ property }) => property }), async (order) => {
      const found: Fields[] = []
      for (let after: Fields | undefined, more = true; more;) {
        const slice = await store.list({ where: [], order, after, limit: 7 })
        found.push(...slice.entries.map(({ item }) => item))
        after = slice.entries.at(-1)?.item
        more = slice.more
      }
      t.same(found, [...records].sort(compareBy(completeOrder(order, seat.key))))
    }), { numRuns: 50 })
  })
})

const ticket = toModel(defineResource({
  name: 'ticket',
  plural: 'tickets',
  description: 'Of a UUID',
  id: 'uuid',
  properties: { title: Type.String({ maxLength: 10, default: 'none' }), tags: Type.Array(Type.String(), { default: ['a', "b'"] }), parts: Type.Object({}, { default: { b: 1, a: 2 } }) }
}) as Resource)

t.test('ids that are UUIDs, beside another resource in one database', async (t) => {
  const url = await fresh()
  const [tickets, seats] = await openPostgresStores(url, [ticket, seat])
  if (tickets === undefined || seats === undefined) throw new Error('there are two')
  const fields = { title: 'x', tags: [], parts: {} }
  await tickets.seed([fields])
  await seats.seed([SEAT])
  const [entry] = (await tickets.list(ALL)).entries
  t.match(entry?.id, /^[0-9a-f]{8}-[0-9a-f]{4}-7/)
  t.same(await tickets.get(String(entry?.id)), entry)
  t.same((await tickets.update(String(entry?.id), () => ({ ...fields, title: 'y' })))?.item, { id: entry?.id, ...fields, title: 'y' })
  const more = await Promise.all(Array.from({ length: 10 }, async (_, i) => await tickets.create({ ...fields, title: String(i) })))
  t.same(more.map(({ item }) => item.title), Array.from({ length: 10 }, (_, i) => String(i)))
  t.same(await Promise.all(more.map(({ id }) => tickets.get(id))), more)
  for (const { id } of [...more, { id: String(entry?.id) }]) t.equal(await tickets.delete(id, () => {}), true)
  await tickets.seed([fields])
  t.equal(await tickets.count([]), 0, 'there were some before')
  await runSql(url, 'insert into tickets default values')
  t.match((await tickets.list(ALL)).entries, [{ item: { title: 'none', tags: ['a', "b'"], parts: { b: 1, a: 2 } } }])
  const { id } = (await tickets.list(ALL)).entries[0]?.item ?? {}
  const own = await open(t, url, { ...ticket, ids: 'own' })
  await t.rejects(async () => await own.create({ id, ...fields }), new Duplicate(['id'], String(id)))
  await tickets.close()
  await tickets.close()
  t.equal((await seats.get(seatId(SEAT)))?.item.hall, 'big', 'the other goes on')
  await seats.close()
  await t.rejects(async () => await seats.get(seatId(SEAT)))
  t.match(await describePostgresTables([ticket, seat]), /create table "tickets" [^]*create table "tickets_receipts" [^]*create table "seats" /)
})

/** A resource with some properties more. */
const grown = (properties: Record<string, TSchema>, others: Partial<Model> = {}): Model => ({
  ...toModel(defineResource({ name: 'book', plural: 'books', description: 'It grows', properties: { title: Type.String({ maxLength: 100 }), ...properties }, filters: {} }) as Resource), ...others
})

t.test('a name that PostgreSQL would cut is refused', async (t) => {
  const model = grown({ ['x'.repeat(64)]: Type.Integer() })
  await t.rejects(openPostgresStore(await fresh(), model), { message: /has no room for the name x{64}, of more than 63 bytes$/ })
})

const indexesOf = async (url: string) => (await runSql(url, "select indexname as name from pg_indexes where tablename = 'books' and schemaname = current_schema() order by 1")).map(({ name }) => name)

t.test('a table grows with its schema, while an older server uses it', async (t) => {
  const url = await fresh()
  const old = await open(t, url, grown({}))
  await old.create({ title: 'a' })
  const properties = { pages: Type.Optional(Type.Integer({ minimum: 1 })), mark: nullable(Type.String({ maxLength: 5 })), kind: Type.String({ default: "it's", maxLength: 9 }), tags: Type.Array(Type.String(), { default: [] }) }
  const models = grown(properties, { unique: [['mark', 'kind']] })
  const [store] = await Promise.all(Array.from({ length: 3 }, () => open(t, url, models)))
  t.same((await store?.get(0))?.item, { id: 0, title: 'a', mark: null, kind: "it's", tags: [] })
  t.equal((await old.create({ title: 'b' })).item.title, 'b')
  await store?.create(() => ({ title: 'c', mark: 'm', kind: 'k', tags: ['x'] }))
  await t.rejects(async () => await store?.create({ title: 'd', mark: 'm', kind: 'k', tags: [] }), new Duplicate(['mark', 'kind']))
  t.same(await indexesOf(url), ['books__kind_asc', 'books__kind_desc', 'books__mark_asc', 'books__mark_desc', 'books__pages_asc', 'books__pages_desc', 'books__title_asc', 'books__title_desc', 'books_mark_kind_key', 'books_pkey'])
  await runSql(url, 'drop index books__title_asc')
  await open(t, url, models)
  t.ok((await indexesOf(url)).includes('books__title_asc'), 'an index that is missing is made')
  const long = grown({ ['x'.repeat(63)]: Type.Optional(Type.Integer()) })
  await open(t, url, { ...long, properties: [...models.properties, ...long.properties.slice(2)] })
  t.equal((await indexesOf(url)).filter((name) => /^[0-9a-f]{32}$/.test(name)).length, 2, 'names that are too long are digests')
})

t.test('a table that grows is in use meanwhile', async (t) => {
  const url = await fresh({ lock_timeout: '100' })
  await open(t, url, grown({}))
  const pages = { pages: Type.Optional(Type.Integer({ minimum: 1 })) }
  let said = ''
  await open(t, await startProxy(t, url, (sent) => {
    said += sent
    return true
  }), grown({ ...pages, mark: Type.Optional(Type.Integer()) }))
  t.match(said, /add column "pages"[^]*add column "mark"[^]*commit[^]*create index[^]*commit[^]*create index[^]*commit/, 'no lock outlasts what needs it')

  await t.test('another server has its turn, for longer than a statement may wait', async (t) => {
    const client = await connect(t, url, "begin; select pg_advisory_xact_lock(hashtextextended('books', 0))")
    const [store] = await Promise.all([open(t, url, grown(pages)), pause(500).then(() => client.query('commit'))])
    t.equal(await store.count([]), 0)
  })

  await t.test('somebody has locked it', async (t) => {
    const client = await connect(t, url, 'begin; select from books')
    const model = grown({ ...pages, kind: Type.Optional(Type.Boolean()) })
    await t.rejects(openPostgresStore(url, model), { name: 'StoreUnavailable', message: /: canceling statement due to lock timeout$/ }, 'which may soon be over')
    await client.query('commit')
    await open(t, url, model)
  })

  await t.test('an index that takes longer than a statement may is for its owner to make', async (t) => {
    const url = await fresh()
    await open(t, url, grown({}))
    await runSql(url, 'drop index books__title_asc')
    await connect(t, url, "begin; insert into books (title) values ('a')")
    await t.rejects(openPostgresStore(url.replace('?', '?statement_timeout=500&lock_timeout=60000&'), grown({})), {
      message: /the table "books" does not fit the schema: canceling statement due to statement timeout: its owner must run create index if not exists "books__title_asc" on "books" \("title", "id"\)$/
    })
  })
})

t.test('what a table cannot grow to is refused, with what to do', async (t) => {
  const url = await fresh()
  const first = await open(t, url, grown({ pages: Type.Integer({ minimum: 1, maximum: 9 }) }))
  await first.create({ title: 'a', pages: 1 })
  await first.create({ title: 'a', pages: 2 })
  const CASES: [string, Model, RegExp][] = [
    ['a new property that is required', grown({ pages: Type.Optional(Type.Integer({ minimum: 1, maximum: 9 })), size: Type.Number() }), /it has no column size of the type double precision: add it, .*; its column pages may not be null/],
    ['another type', grown({ pages: Type.String() }), /its column pages has the type integer, not text COLLATE "C": alter table "books" alter column "pages" type text COLLATE "C"$/],
    ['no bounds', grown({ pages: Type.Integer() }), /its column pages has the type integer, not bigint: /],
    ['one that is gone', grown({}), /the schema has no property for its column pages of the type integer, which must have a value: give it a default, or drop it$/],
    ['another key', grown({ pages: Type.Integer({ minimum: 1, maximum: 9 }) }, { ids: 'own', key: ['title'] }), /it has no primary key of title: alter table "books" add primary key \("title"\)$/],
    ['duplicates', grown({ pages: Type.Integer({ minimum: 1, maximum: 9 }) }, { unique: [['title']] }), /could not create unique index "books_title_key": change the records, or the schema, and then run alter table "books" add unique \("title"\)$/]
  ]
  for (const [name, model, message] of CASES) await t.rejects(openPostgresStore(url, model), { message }, name)

  const role = `grower_${process.pid}`
  await runSql(url, `create role ${role} login password 'secret'; grant usage on schema ${String(new URL(url).searchParams.get('options')).replace(/.*=/, '')} to ${role}; grant select, insert on books, books_receipts to ${role}`)
  t.teardown(() => runSql(url, `drop owned by ${role}; drop role ${role}`))
  const limited = new URL(url)
  limited.username = role
  limited.password = 'secret'
  await t.rejects(openPostgresStore(limited.href, grown({ pages: Type.Integer({ minimum: 1, maximum: 9 }), note: Type.Optional(Type.Boolean()) })), {
    message: /^PostgreSQL at \S+: the table "books" does not fit the schema: must be owner of table books: its owner must run alter table "books" add column "note" boolean; create index/
  })
  await t.rejects(openPostgresStore(url.replace('options=', 'options=-c%20datestyle%3Dgerman%20'), grown({})), { message: /its DateStyle is German, DMY, but must be ISO/ })
  const gone = await startProxy(t, url, (sent) => sent.includes('add column') ? 'gone' : true)
  await t.rejects(openPostgresStore(gone, grown({ pages: Type.Integer({ minimum: 1, maximum: 9 }), note: Type.Optional(Type.Boolean()) })), StoreUnavailable)
})

t.test('what is checked follows the schema', async (t) => {
  const url = await fresh()
  const checksOf = async () => (await runSql(url, "select conname from pg_constraint where conrelid = 'books'::regclass and contype = 'c' order by 1")).map(({ conname }) => conname)
  const pages = (most: number, ...more: string[]) => grown({
    pages: Type.Integer({ minimum: 1, maximum: most }),
    kind: Type.Union(['a', 'b', ...more].map((value) => Type.Literal(value))),
    note: more.length === 0 ? Type.String({ maxLength: 5 }) : Type.String()
  })
  const book = { title: 'a', pages: 9, kind: 'a', note: 'short' }
  const first = await open(t, url, pages(9))
  await first.create(book)
  t.match(await checksOf(), [/^id_check_[0-9a-f]{8}$/, /^kind_check_/, /^note_check_/, /^pages_check_/, /^title_check_/])
  await t.rejects(runSql(url, 'update books set pages = 10'), { code: '23514' })

  const loose = await open(t, url, pages(20, 'c'))
  t.equal((await loose.create({ ...book, pages: 20, kind: 'c', note: 'longer' })).item.pages, 20, 'loosened')
  t.same((await checksOf()).map((name) => name.replace(/_.*/, '')), ['id', 'kind', 'pages', 'title'])
  await t.rejects(runSql(url, 'update books set pages = 21'), { code: '23514' })

  await t.rejects(openPostgresStore(url, pages(19, 'c')), {
    message: /the table "books" does not fit the schema: check constraint "pages_check_\w+" of relation "books" is violated by some row: change the records, or the schema, and then run alter table "books" drop constraint "pages_check_\w+", add constraint "pages_check_\w+" check \("pages" >= 1 and "pages" <= 19\)$/
  }, 'tightened, and some records do not fit')
  t.equal((await loose.create({ ...book, pages: 20 })).item.pages, 20, 'nothing has changed')

  await runSql(url, 'delete from books where pages = 20')
  const tight = await open(t, url, pages(9, 'c'))
  t.same((await tight.get(0))?.item, { id: 0, ...book }, 'tightened, and all records fit')
  await t.rejects(runSql(url, 'update books set pages = 10'), { code: '23514' })

  await runSql(url, 'alter table books add constraint of_one check (pages > 0), add constraint of_two check (pages < 100 or note is null)')
  await open(t, url, pages(9, 'c', 'd'))
  t.same((await checksOf()).filter((name) => name.startsWith('of_')), ['of_one', 'of_two'], 'those that people have made stay')
})

t.test('text that may become long is indexed by its beginning from then on', async (t) => {
  const url = await fresh()
  const noted = (maxLength?: number) => grown({ note: Type.String({ ...maxLength !== undefined && { maxLength } }) })
  await open(t, url, noted(10))
  t.same((await indexesOf(url)).filter((name) => name.includes('note')), ['books__note_asc', 'books__note_desc'])
  const store = await open(t, url, noted())
  t.same((await indexesOf(url)).filter((name) => name.includes('note')), ['books__note_start'])
  const note = Array.from({ length: 5000 }, (_, i) => String.fromCodePoint(0x4E00 + i)).join('')
  t.equal((await store.create({ title: 'a', note })).item.note, note, 'no entry of an index is too long')
  await store.delete(0, () => {})
  await open(t, url, noted(10))
  t.same((await indexesOf(url)).filter((name) => name.includes('note')), ['books__note_asc', 'books__note_desc'], 'and back')
})

t.test('tables and views that people have made are taken as they are', async (t) => {
  const url = await fresh()
  const model = grown({
    code: Type.Optional(Type.String({ maxLength: 10 })),
    pages: Type.Integer({ minimum: 0, maximum: 100 }),
    at: Type.String({ format: 'date-time' }),
    tags: Type.Array(Type.String()),
    long: Type.Optional(Type.String()),
    choice: Type.Optional(Type.Union([Type.Literal('a'), Type.Literal('bc')])),
    parts: Type.Object({ a: Type.Integer() }, { additionalProperties: false })
  })
  await runSql(url, `create table books (id serial primary key, title text not null, code varchar(10), pages smallint not null, at timestamptz not null,
    tags varchar[] not null, parts json not null, long varchar, choice varchar(2), total int generated always as (id * 2) stored, own text default 'x' not null)`)
  const store = await open(t, url, model)
  await store.seed([])
  const fields = { title: 'b', code: 'c', pages: 1, at: '2026-01-01T00:00:00.000Z', tags: ['x'], parts: { a: 1 } }
  await store.seed([fields])
  t.same((await store.get(1))?.item, { id: 1, ...fields })
  t.equal(await store.get(2 ** 40), undefined)
  t.equal(await store.count([{ property: 'pages', operator: 'lt', value: 1e10 }]), 1)
  t.same(await indexesOf(url), ['books_pkey'])

  await runSql(url, 'insert into books (title, pages, at, tags, parts) select chr(i), 1, \'2026-01-01T00:00:00Z\'::timestamptz + i * interval \'100 microseconds\', \'{}\', \'{"a":1}\' from generate_series(65, 100) as i')
  for (const [property, descending] of [['at', false], ['at', true], ['title', false], ['title', true]] as const) {
    const found: Fields[] = []
    for (let after: Fields | undefined, more = true; more;) {
      const slice = await store.list({ where: [], order: [{ property, descending }], after, limit: 4 })
      found.push(...slice.entries.map(({ item }) => item))
      after = slice.entries.at(-1)?.item
      more = slice.more
    }
    t.equal(new Set(found.map(({ id }) => id)).size, 37)
    t.same(found, [...found].sort(compareBy(completeOrder([{ property, descending }], ['id']))))
  }

  await runSql(url, 'insert into books (id, title, pages, at, tags, parts) values (38, \'z\', 1, \'infinity\', \'{}\', \'{"a":1}\')')
  t.equal((await store.get(38))?.item.at, 'infinity')
  await t.rejects(async () => await store.create(fields), { code: '23505' }, 'an id that somebody else has given is our fault')
  await runSql(url, 'delete from books where id = 38')

  await runSql(url, 'create view books_seen as select id, title, code, pages, at, tags, parts, long, choice from books where pages > 0')
  const view = await open(t, url, { ...model, name: 'books_seen', unique: [['code']] })
  await view.seed([fields])
  t.equal(await view.count([]), 37)
  const { id } = await view.create({ ...fields, code: 'd' })
  t.match(await view.update(id, ({ item }) => ({ ...item, title: 'new' })), { item: { title: 'new' } })
  t.equal(await view.delete(id, () => {}), true)

  await runSql(url, 'drop view books_seen')
  await runSql(url, "create collation any_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false)")
  const CASES: [string, string, RegExp][] = [
    ['code', 'text collate any_case', /its column code has the type text COLLATE any_case \(nondeterministic\), not text COLLATE "C"/],
    ['code', 'varchar(9)', /its column code has the type character varying\(9\), not text COLLATE "C"/],
    ['code', 'char(10)', /its column code has the type character\(10\), not text/],
    ['at', 'timestamptz(2)', /its column at has the type timestamp\(2\) with time zone, not timestamp\(3\)/],
    ['at', 'timestamp', /its column at has the type timestamp without time zone/],
    ['pages', 'numeric', /its column pages has the type numeric, not integer/],
    ['tags', 'char(2)[]', /its column tags has the type character\(2\)\[\], not text\[\]/]
  ]
  for (const [column, type, message] of CASES) {
    await runSql(url, `alter table books drop ${column}; alter table books add ${column} ${type}`)
    await t.rejects(openPostgresStore(url, model), { message }, type)
  }
  await runSql(url, 'alter table books drop code; alter table books add code varchar(9) generated always as (left(title, 9)) stored')
  await t.rejects(openPostgresStore(url, model), { message: /its column code has the type GENERATED character varying\(9\)/ })
})
