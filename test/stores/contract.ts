import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import fc from 'fast-check'
import { model, toModel } from '../../app.js'
import type { Kind, Property } from '../../schemas/property.js'
import type { Fields, Item } from '../../schemas/resource.js'
import { Duplicate, StillRunning } from '../../stores/store.js'
import type { Condition, Entry, Id, Model, Query, SortKey, Store, StoreSettings, Value } from '../../stores/store.js'
import { things, uuidThings } from '../resources.js'

/** A test that runs, as those of node:test and tap are. */
export interface RunningTest {
  /** Does something when the test has ended. */
  after (cleanUp: () => unknown): unknown
}

/** Who runs tests one after the other: `test` of node:test, `t` of tap, or one of their tests. */
export interface TestRunner {
  test (name: string, run: (t: RunningTest) => Promise<void>): PromiseLike<unknown>
}

/** Makes a new, empty store. */
export type CreateStore = (model: Model, settings?: StoreSettings) => Store | Promise<Store>

const FIELDS = { name: 'Simula 67', publication_year: 1967, contribution: 'classes' }
const BY_ID: Query = { where: [], order: [], limit: 1000 }

/** The contract of a store, as tests that each of them passes; some of them make `numRuns` new stores, or a third as many. */
export async function testStore (runner: TestRunner, name: string, create: CreateStore, { numRuns = 200 } = {}): Promise<void> {
  await runner.test(`${name}: ids count from 0, and none is given twice`, async (t) => {
    const store = await open(t, create)
    for (const id of [0, 1, 2]) assert.equal((await store.create(FIELDS)).item.id, id)
    assert.equal(await store.delete(2, () => {}), true)
    assert.equal((await store.create(FIELDS)).item.id, 3)
    assert.equal(await store.get(2), undefined)
    assert.equal(await store.update(2, () => FIELDS), undefined)
    assert.equal(await store.delete(2, () => {}), false)
  })

  await runner.test(`${name}: what is written is what is read`, async (t) => {
    const store = await open(t, create)
    const created = await store.create(FIELDS)
    isSame(created, model.represent({ id: 0, ...FIELDS }))
    isSame(await store.get(0), created)
    const changed = await store.update(0, ({ item }) => ({ ...item, name: 'Simula', id: 99 }))
    isSame(changed, model.represent({ ...FIELDS, name: 'Simula', id: 0 }), 'its id stays')
    isSame(await store.get(0), changed)
    assert.deepEqual((await store.list(BY_ID)).entries.map(plain), [plain(changed)])
    assert.equal(await store.delete(0, (current) => { isSame(current, changed) }), true)
    assert.equal(await store.get(0), undefined)
    assert.deepEqual(await store.list(BY_ID), { entries: [], more: false })
  })

  await runner.test(`${name}: a write whose decision throws changes nothing`, async (t) => {
    const store = await open(t, create)
    const created = await store.create(FIELDS)
    const refusal = new Error('no')
    const refuse = () => { throw refusal }
    await assert.rejects(async () => await store.update(0, refuse), refusal)
    await assert.rejects(async () => await store.delete(0, refuse), refusal)
    isSame(await store.get(0), created)
    assert.deepEqual((await store.list(BY_ID)).entries.map(plain), [plain(created)])
    assert.equal(await store.update(1, refuse), undefined, 'nothing is decided about what is not there')
    assert.equal(await store.delete(1, refuse), false)
  })

  await runner.test(`${name}: each write decides on what the one before it made`, async (t) => {
    const store = await open(t, create)
    await store.create({ ...FIELDS, publication_year: 1 })
    await Promise.all(Array.from({ length: 100 }, () =>
      store.update(0, ({ item }) => ({ ...item, publication_year: Number(item.publication_year) + 1 }))))
    assert.equal((await store.get(0))?.item.publication_year, 101)
    const ids = await Promise.all(Array.from({ length: 100 }, async () => Number((await store.create(FIELDS)).item.id)))
    assert.deepEqual(ids.sort((a, b) => a - b), Array.from({ length: 100 }, (_, i) => i + 1))
    const deletions = await Promise.all(Array.from({ length: 20 }, () => store.delete(0, () => {})))
    assert.equal(deletions.filter(Boolean).length, 1)
  })

  await runner.test(`${name}: what is to happen once gives its receipt from then on`, async (t) => {
    const store = await open(t, create)
    const once = { key: 'a', fingerprint: 'x' }
    const created = await store.create(FIELDS, once)
    isSame(created, model.represent({ id: 0, ...FIELDS }))
    assert.deepEqual(await store.create(FIELDS, once), { ...created, fingerprint: 'x' })
    assert.deepEqual(await store.create(FIELDS, { key: 'a', fingerprint: 'y' }), { ...created, fingerprint: 'x' }, 'whatever is asked for')
    const refuse = () => { throw new Error('no') }
    assert.deepEqual(await store.update(0, refuse, once), { ...created, fingerprint: 'x' })
    const changed = await store.update(0, () => ({ ...FIELDS, name: 'Simula' }), { key: 'b', fingerprint: 'z' })
    isSame(changed, model.represent({ id: 0, ...FIELDS, name: 'Simula' }))
    await store.delete(0, () => {})
    assert.deepEqual(await store.update(0, refuse, { key: 'b', fingerprint: 'z' }), { ...changed, fingerprint: 'z' })
    assert.deepEqual(await store.create(FIELDS, once), { ...created, fingerprint: 'x' })
    assert.deepEqual(await store.list(BY_ID), { entries: [], more: false })
    assert.equal((await store.create(FIELDS)).item.id, 1, 'no id was spent')
  })

  await runner.test(`${name}: a write that failed, or found nothing, is no write that happened`, async (t) => {
    const store = await open(t, create)
    await store.create(FIELDS)
    const once = { key: 'a', fingerprint: 'x' }
    await assert.rejects(async () => await store.update(0, () => { throw new Error('no') }, once))
    assert.equal(await store.update(1, () => FIELDS, once), undefined)
    assert.deepEqual(await store.create(FIELDS, once), model.represent({ id: 1, ...FIELDS }))
  })

  await runner.test(`${name}: of writes with one key at the same time, one happens`, async (t) => {
    const store = await open(t, create)
    const attempts = await Promise.allSettled(Array.from({ length: 20 }, async () => await store.create(FIELDS, { key: 'a', fingerprint: 'x' })))
    for (const attempt of attempts) {
      if (attempt.status === 'rejected') assert.ok(attempt.reason instanceof StillRunning)
      else assert.equal(attempt.value.item.id, 0)
    }
    assert.equal((await store.list(BY_ID)).entries.length, 1)
  })

  await runner.test(`${name}: a key is forgotten after its time`, async (t) => {
    const store = await open(t, create, { keyLifetime: 0.2 })
    const once = { key: 'a', fingerprint: 'x' }
    assert.equal((await store.create(FIELDS, once)).item.id, 0)
    assert.equal((await store.create(FIELDS, once)).item.id, 0)
    await pause(250)
    assert.equal((await store.create(FIELDS, once)).item.id, 1)
    assert.equal((await store.create(FIELDS, once)).item.id, 1)
  })

  await runner.test(`${name}: starting records are for a store that never had any`, async (t) => {
    const store = await open(t, create)
    await store.seed([FIELDS, { ...FIELDS, name: 'Simula' }])
    assert.equal((await store.get(1))?.item.name, 'Simula')
    await store.delete(0, () => {})
    await store.delete(1, () => {})
    await store.seed([FIELDS])
    assert.deepEqual((await store.list(BY_ID)).entries, [])
    assert.equal((await store.create(FIELDS)).item.id, 2)
  })

  await runner.test(`${name}: what a list gives is its caller's alone`, async (t) => {
    const store = await open(t, create)
    const created = await store.create(FIELDS)
    assert.deepEqual((await store.list(BY_ID)).entries.splice(0).map(plain), [plain(created)])
    assert.deepEqual((await store.list(BY_ID)).entries.map(plain), [plain(created)])
  })

  await runner.test(`${name}: a property that is not of the model cannot be queried`, async (t) => {
    const store = await open(t, create)
    await assert.rejects(async () => await store.list({ ...BY_ID, order: [{ property: 'year', descending: false }] }))
  })

  await runner.test(`${name}: it can serve`, async (t) => {
    const store = await open(t, create)
    assert.equal(await store.ping(), undefined)
  })

  await runner.test(`${name}: as many are counted as satisfy the conditions`, async (t) => {
    const store = await open(t, create)
    assert.equal(await store.count([]), 0)
    for (let i = 0; i < 700; i++) await store.create({ ...FIELDS, publication_year: 1 + i % 7 })
    assert.equal(await store.count([]), 700)
    assert.equal(await store.count([{ property: 'publication_year', operator: 'lt', value: 4 }]), 300)
    assert.equal(await store.count([{ property: 'publication_year', operator: 'in', value: [2, 5, 9] }]), 200)
    assert.equal(await store.count([{ property: 'publication_year', operator: 'gt', value: 5 }, { property: 'id', operator: 'lt', value: 350 }]), 100)
    await store.delete(0, () => {})
    assert.equal(await store.count([]), 699)
    assert.equal(await store.count([{ property: 'publication_year', operator: 'eq', value: 1 }]), 99)
  })

  for (const [model, what] of [[MODELS.things, 'a key of its own'], [MODELS.uuidThings, 'a UUID']] as const) {
    const [first, second, third] = THREE

    await runner.test(`${name}: what is written of a record with ${what} is what is read`, async (t) => {
      const store = await open(t, create, {}, model)
      const created = await store.create(() => first)
      isSame(created, model.represent(created.item), 'as it is represented')
      assert.deepEqual(created.item, { ...created.item, ...first })
      isSame(await store.get(created.id), created)
      const changed = await store.update(created.id, ({ item }) => ({ ...second, shelf: 'x', place: 9, code: item.code }))
      const key = Object.fromEntries(model.key.map((property) => [property, created.item[property]]))
      assert.deepEqual(changed?.item, { ...second, shelf: 'x', place: 9, code: first.code, ...key }, 'what identifies it stays, and what is not there is gone')
      isSame(await store.get(created.id), changed)
      assert.deepEqual((await store.list(BY_ID)).entries.map(plain), [plain(changed)])
      assert.equal(await store.delete(created.id, (current) => { isSame(current, changed) }), true)
      assert.equal(await store.get(created.id), undefined)
      assert.equal(await store.count([]), 0)
    })

    await runner.test(`${name}: no two records with ${what} have the same values of what is unique`, async (t) => {
      const store = await open(t, create, {}, model)
      const { id } = await store.create(first)
      const { id: other } = await store.create(second)
      const once = { key: 'a', fingerprint: 'x' }
      const same = { ...third, code: first.code }
      const pair = { ...third, day: first.day, count: first.count }
      const refuse = (write: () => unknown, properties: readonly string[]) => isDuplicate(write, { properties, id: undefined })
      await refuse(() => store.create(same), ['code'])
      await refuse(() => store.create(() => same, once), ['code'])
      await refuse(() => store.create(pair), ['day', 'count'])
      await refuse(() => store.update(other, () => same), ['code'])
      await refuse(() => store.update(other, () => same, once), ['code'])
      await refuse(() => store.update(other, () => pair), ['day', 'count'])
      assert.equal((await store.list(BY_ID)).entries.length, 2, 'nothing has changed')
      assert.deepEqual((await store.get(other))?.item, { ...(await store.get(other))?.item, ...second })
      assert.ok(await store.update(id, () => ({ ...first, count: 5 })), 'a record does not clash with itself')
      assert.ok(await store.update(other, () => pair), 'and what was given up is free')
      await store.delete(id, () => {})
      const { code, day, ...without } = third
      assert.equal('fingerprint' in await store.create(same, once), false, 'a key of a write that failed is free')
      assert.ok(await store.create({ ...without, place: 11 }))
      assert.ok(await store.create({ ...without, place: 12 }), 'what is not there is not compared')
    })

    await runner.test(`${name}: first records with ${what} are for a store that never had any`, async (t) => {
      const store = await open(t, create, {}, model)
      await store.seed([first, second])
      assert.equal((await store.list(BY_ID)).entries.length, 2)
      for (const { id } of (await store.list(BY_ID)).entries) await store.delete(id, () => {})
      await store.seed([first])
      assert.deepEqual(await store.list(BY_ID), { entries: [], more: false })
    })
  }

  await runner.test(`${name}: a key of its own is taken, given back, and put`, async (t) => {
    const store = await open(t, create, {}, MODELS.things)
    const [first, second, third] = THREE
    const { id } = await store.create(first)
    await isDuplicate(() => store.create({ ...third, shelf: first.shelf, place: first.place }), { properties: ['shelf', 'place'], id })
    const refusal = new Error('no')
    await assert.rejects(async () => await store.put(id, () => { throw refusal }), refusal)
    assert.deepEqual((await store.get(id))?.item, first)
    const put = await store.put(id, (current) => ({ ...second, shelf: first.shelf, place: current === undefined ? -1 : first.place }))
    assert.deepEqual(put.item, { ...second, shelf: first.shelf, place: first.place })
    isSame(await store.get(id), put)
    await store.delete(id, () => {})
    assert.equal((await store.create(first)).id, id, 'free again')
    const made = MODELS.things.represent(second)
    assert.deepEqual(await store.put(made.id, (current) => { assert.equal(current, undefined); return second }), made, 'created')
    isSame(await store.get(made.id), made)
    await isDuplicate(() => store.put(made.id, () => ({ ...second, code: first.code })), { properties: ['code'], id: undefined })
    isSame(await store.get(made.id), made)
    assert.equal(await store.count([]), 2)
  })

  await runner.test(`${name}: UUIDs are of version 7, each a new one`, async (t) => {
    const store = await open(t, create, {}, MODELS.uuidThings)
    const ids = await Promise.all(Array.from({ length: 50 }, async (_, place) => (await store.create({ ...LEAST, place })).id))
    assert.equal(new Set(ids).size, 50)
    for (const id of ids) assert.match(String(id), /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  })

  await runner.test(`${name}: of creates with one key, or one unique value, at the same time, one happens`, async (t) => {
    const store = await open(t, create, {}, MODELS.things)
    for (const fields of [() => LEAST, (place: number) => ({ ...LEAST, shelf: 'b', place, code: 'one' })]) {
      const attempts = await Promise.allSettled(Array.from({ length: 50 }, async (_, place) => await store.create(fields(place))))
      assert.equal(attempts.filter(({ status }) => status === 'fulfilled').length, 1)
      for (const attempt of attempts) if (attempt.status === 'rejected') assert.ok(attempt.reason instanceof Duplicate)
    }
    const puts = await Promise.all(Array.from({ length: 20 }, async () => await store.put(MODELS.things.represent({ ...LEAST, shelf: 'c' }).id,
      (current) => ({ ...LEAST, shelf: 'c', count: Number(current?.item.count ?? 0) + 1 }))))
    assert.deepEqual(puts.map(({ item }) => Number(item.count)).sort((a, b) => a - b), Array.from({ length: 20 }, (_, i) => i + 1))
  })

  for (const [what, { model, fields, record }] of Object.entries(KINDS)) {
    const query = queriesOf(model, record)
    const write = fc.record({ fields: fc.option(fields, { nil: undefined }), which: fc.option(fc.nat(60), { nil: undefined }) })
    const runs = what === 'languages' ? numRuns : Math.ceil(numRuns / 3)

    await runner.test(`${name}: after any writes of ${what}, every query finds what a scan of all records finds`, async () => {
      await fc.assert(fc.asyncProperty(fc.array(write, { maxLength: 60 }), fc.array(query, { minLength: 1, maxLength: 10 }), async (writes, queries) => {
        const store = await create(model)
        const records: Records = new Map()
        for (const one of writes) await apply(store, model, records, one)
        for (const one of queries) {
          assert.deepEqual(await idsOf(store, one), scan(model, records, one))
          assert.equal(await store.count(one.where), scan(model, records, { where: one.where, order: [], limit: 1000 }).ids.length)
        }
        for (const [id, item] of records) assert.deepEqual((await store.get(id))?.item, item)
        await store.close()
      }), { numRuns: runs })
    })

    await runner.test(`${name}: whoever goes on after the last of ${what} sees each record that stays exactly once`, async () => {
      await fc.assert(fc.asyncProperty(fc.array(fields, { maxLength: 60 }), fc.array(write, { maxLength: 30 }), query, fc.integer({ min: 1, max: 5 }), async (first, writes, query, limit) => {
        const store = await create(model)
        const records: Records = new Map()
        for (const fields of first) await apply(store, model, records, { fields })
        const seen: Id[] = []
        const stayed = new Set(scan(model, records, { ...query, after: undefined, limit: 1000 }).ids)
        let after: Item | undefined
        let more = true
        while (more) {
          const slice = await store.list({ ...query, after, limit })
          seen.push(...slice.entries.map(({ id }) => id))
          after = slice.entries.at(-1)?.item
          more = slice.more
          const next = writes.shift()
          const written = next && await apply(store, model, records, next)
          if (written !== undefined) stayed.delete(written)
        }
        assert.equal(new Set(seen).size, seen.filter((id) => stayed.has(id)).length + new Set(seen.filter((id) => !stayed.has(id))).size)
        assert.deepEqual([...stayed].filter((id) => !seen.includes(id)), [])
        await store.close()
      }), { numRuns: runs })
    })

    await runner.test(`${name}: where one value is left of what ${what} are ordered by, those after another value are all of them`, async (t) => {
      const store = await open(t, create, {}, model)
      const property = what === 'languages' ? 'publication_year' : 'count'
      const make = what === 'languages' ? many : manyThings
      const made = await Promise.all([2, 3, 3].map(async (value, i) => await store.create({ ...make(i), [property]: value })))
      const after = { ...made[2]?.item, [property]: 2 }
      const wheres: Condition[][] = [
        [{ property, operator: 'in', value: [3, 3] }],
        [{ property, operator: 'gte', value: 3 }, { property, operator: 'lte', value: 3 }],
        [{ property, operator: 'eq', value: 3 }]
      ]
      for (const where of wheres) assert.equal((await store.list({ where, order: [{ property, descending: false }], after, limit: 9 })).entries.length, 2)
    })

    await runner.test(`${name}: of many ${what}, a few of them apart, every query finds what a scan of all finds`, async (t) => {
      const store = await open(t, create, {}, model)
      const records: Records = new Map()
      for (let i = 0; i < 1500; i++) {
        const { id, item } = await store.create(what === 'languages' ? many(i) : manyThings(i))
        records.set(id, item)
      }
      // What comes after a record that is there, too, and the matches that come late.
      const after = fc.option(fc.oneof(record, fc.constantFrom(...records.values())), { nil: undefined })
      await fc.assert(fc.asyncProperty(query, after, fc.integer({ min: 1, max: 400 }), async (query, after, limit) => {
        const asked = { ...query, after, limit }
        assert.deepEqual(await idsOf(store, asked), scan(model, records, asked))
      }), { numRuns: 2 * runs })
    })
  }
}

async function open (t: RunningTest, create: CreateStore, settings?: StoreSettings, of = model): Promise<Store> {
  const store = await create(of, settings)
  t.after(() => store.close())
  return store
}

/** An entry as plain data, however a store makes it. */
function plain (entry: Entry | undefined): Entry | undefined {
  if (entry === undefined) return undefined
  const { id, item, body, etag } = entry
  return { id, item, body, etag }
}

function isSame (entry: Entry | undefined, expected: Entry | undefined, message?: string): void {
  assert.deepEqual(plain(entry), plain(expected), message)
}

async function isDuplicate (write: () => unknown, expected: Pick<Duplicate, 'properties' | 'id'>): Promise<void> {
  const error: unknown = await Promise.resolve().then(write).then(() => undefined, (error: unknown) => error)
  assert.deepEqual(error instanceof Duplicate ? { properties: error.properties, id: error.id } : error, expected)
}

interface Write {
  /** What to write; without it, a delete. */
  fields?: Fields | undefined
  /** Which of the records to write to; without it, a create. */
  which?: number | undefined
}

/** A plain model of a store. */
type Records = Map<Id, Item>

/** Writes to a store and to a plain model of it, which must refuse the same; returns the id that was written to. */
async function apply (store: Store, model: Model, records: Records, { fields, which }: Write): Promise<Id | undefined> {
  const id = which === undefined ? undefined : [...records.keys()][which % Math.max(1, records.size)]
  if (fields === undefined && id !== undefined) {
    assert.equal(await store.delete(id, () => {}), true)
    records.delete(id)
    return id
  }
  if (fields === undefined) return undefined
  const clashes = clashesOf(model, records, fields, id)
  try {
    // Half of the writes to a record of its own key are a PUT of what may be there or not.
    const entry = id !== undefined
      ? await store.update(id, () => fields)
      : await (model.ids === 'own' && Number(which) % 2 === 1 ? store.put(model.represent(fields).id, () => fields) : store.create(() => fields))
    assert.deepEqual(clashes, [])
    if (entry === undefined) throw new Error('it is gone')
    records.set(entry.id, entry.item)
    return entry.id
  } catch (error) {
    if (!(error instanceof Duplicate)) throw error
    assert.ok(clashes.some((clash) => clash.join() === error.properties.join()), `${error.properties.join()} of ${clashes.join(' ')}`)
    return undefined
  }
}

/** The sets of properties, the key among them, of which another record has the same values. */
function clashesOf ({ key, unique, ids }: Model, records: Records, fields: Fields, id: Id | undefined): (readonly string[])[] {
  const sets = ids === 'own' && id === undefined ? [key, ...unique] : unique
  return sets.filter((set) => [...records].some(([other, item]) =>
    other !== id && set.every((property) => (fields[property] ?? null) !== null && fields[property] === item[property])))
}

async function idsOf (store: Store, query: Query) {
  const { entries, more } = await store.list(query)
  return { ids: entries.map(({ id }: Entry) => id), more }
}

/** What a query finds, by looking at every record. */
function scan ({ key }: Model, records: Records, { where, order, after, limit }: Query) {
  const keys: readonly SortKey[] = [...order, ...key.map((property) => ({ property, descending: false }))]
  const compare = (a: Fields, b: Fields) => keys.reduce((sign, { property, descending }) =>
    sign || compareByCodePoints(a[property], b[property]) * (descending ? -1 : 1), 0)
  const found = [...records].filter(([, item]) => where.every((condition) => passes(item, condition)))
    .filter(([, item]) => after === undefined || compare(item, after) > 0)
    .sort(([, a], [, b]) => compare(a, b))
    .map(([id]) => id)
  return { ids: found.slice(0, limit), more: found.length > limit }
}

function passes (item: Item, condition: Condition): boolean {
  const sign = (value: Value) => compareByCodePoints(item[condition.property], value)
  if (condition.operator === 'in') return condition.value.some((value) => sign(value) === 0)
  const compared = sign(condition.value)
  return { lt: compared < 0, lte: compared <= 0, eq: compared === 0, gte: compared >= 0, gt: compared > 0 }[condition.operator]
}

/** Null, or nothing, is after all that is something. */
function compareByCodePoints (a: unknown = null, b: unknown = null): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null)
  if (typeof a !== 'string') return Number(a) - Number(b)
  return Buffer.compare(Buffer.from(a), Buffer.from(String(b)))
}

// Few values, so that many are equal, and some beyond the 16 bits of a code unit.
const TEXTS = ['a', 'b', 'ab', 'B', '\u{1F600}', '\uFFFD', '\u{1F600}a', 'é', '\u0001', '\u0004a', 'a\u0003', `a\u0001${'b'.repeat(80)}`, `a${'b'.repeat(80)}`] as const
const LONG = [...TEXTS, `a${'b'.repeat(1000)}`, `a${'b'.repeat(1000)}c`, '']

/** Few values of each kind, so that many are equal. */
const VALUES: Readonly<Record<Kind, readonly unknown[]>> = {
  integer: [-1000, -1, 0, 1, 2, 1000],
  number: [-1e300, -1.5, 0, 0.1, 1, 2 ** 53, 1e300],
  boolean: [false, true],
  text: TEXTS,
  date: ['0001-01-01', '1999-12-31', '2000-02-29', '9999-12-31'],
  'date-time': ['0001-01-01T00:00:00.000Z', '1969-12-31T23:59:59.999Z', '2000-02-29T00:00:00.000Z', '9999-12-31T23:59:59.999Z'],
  uuid: ['00000000-0000-0000-0000-000000000000', '01890a5d-ac96-774b-bcce-b302099a8057', 'ffffffff-ffff-ffff-ffff-ffffffffffff'],
  array: [[], ['a', '', 'é"\\']],
  object: [{}]
}

/** What some properties may be that have rules of their own. */
const OWN_VALUES: Readonly<Record<string, readonly unknown[]>> = {
  publication_year: [1, 1958, 1960, 1967, 9999],
  contribution: TEXTS,
  note: LONG,
  rank: [-(2 ** 53) + 1, -1, 0, 1, 2 ** 53 - 1],
  mail: ['a@example.org', 'b@example.org'],
  sizes: [[0], [1.5, -1]],
  shape: [{ width: 1 }, { width: 1.5, height: 2 }],
  extra: [{}, { b: [null, 'é'], a: 1 }]
}

const valuesOf = ({ name, kind, schema }: Property): readonly unknown[] => OWN_VALUES[name] ?? schema.enum ?? VALUES[kind]

/** The properties of records that a store keeps. */
function fieldsOf ({ properties }: Model): fc.Arbitrary<Fields> {
  const values = (property: Property) => fc.constantFrom(...valuesOf(property))
  const given = properties.filter(({ name }) => name !== 'id')
  return fc.record(
    Object.fromEntries(given.map((property) => [property.name, property.isNullable ? fc.option(values(property)) : values(property)])),
    { requiredKeys: given.filter(({ isOptional }) => !isOptional).map(({ name }) => name), noNullPrototype: true }
  )
}

function queriesOf ({ properties, sortable }: Model, record: fc.Arbitrary<Item>): fc.Arbitrary<Query> {
  const scalars = properties.filter(({ name }) => sortable.includes(name))
  const ids = fc.nat(60)
  const conditions = scalars.map((property) => {
    const values = property.name === 'id' && property.kind === 'integer' ? ids : fc.constantFrom(...valuesOf(property) as Value[])
    const none = property.isOptional || property.isNullable ? fc.option(values) : values
    return fc.oneof(
      { weight: 5, arbitrary: fc.record({ property: fc.constant(property.name), operator: fc.constantFrom('lt' as const, 'lte' as const, 'eq' as const, 'gte' as const, 'gt' as const), value: none }) },
      { weight: 1, arbitrary: fc.record({ property: fc.constant(property.name), operator: fc.constant('in' as const), value: fc.array(values, { maxLength: 4 }) }) }
    )
  })
  return fc.record({
    where: fc.array(fc.oneof(...conditions), { maxLength: 3 }),
    order: fc.uniqueArray(fc.record({ property: fc.constantFrom(...sortable), descending: fc.boolean() }), { maxLength: 3, selector: ({ property }) => property }),
    after: fc.option(record, { nil: undefined }),
    limit: fc.integer({ min: 1, max: 20 })
  })
}

const MODELS = { things: toModel(things), uuidThings: toModel(uuidThings) }

const KINDS = {
  languages: { model, fields: fieldsOf(model), record: fc.record({ id: fc.nat(60), fields: fieldsOf(model) }).map(({ id, fields }) => ({ ...fields, id })) },
  things: { model: MODELS.things, fields: fieldsOf(MODELS.things), record: fieldsOf(MODELS.things) },
  'things with a UUID': {
    model: MODELS.uuidThings,
    fields: fieldsOf(MODELS.uuidThings),
    record: fc.record({ id: fc.constantFrom(...VALUES.uuid), fields: fieldsOf(MODELS.uuidThings) }).map(({ id, fields }) => ({ ...fields, id }))
  }
}

/** A thing with no more than it must have. */
const LEAST: Fields = { shelf: 'a', place: 0, label: '', count: 0, rank: null, open: true, genre: 'novel', at: null, note: null, tags: [] }

/** Three things that have nothing in common which must be unique. */
const THREE: readonly [Fields, Fields, Fields] = [
  { ...LEAST, shelf: 'é/%2F', place: -7, code: 'one', weight: 1.5, lent: false, level: 1, day: '2000-02-29', at: '2001-01-01T00:00:00.000Z', token: '01890a5d-ac96-774b-bcce-b302099a8057', note: '', tags: ['x'], shape: { width: 1 } },
  { ...LEAST, shelf: 'é', place: 2 ** 53 - 1, code: 'two', rank: 0, day: '2000-02-29', count: 1, sizes: [1, 2.5], extra: { b: 1, a: 2 } },
  { ...LEAST, shelf: 'z', place: 3, code: 'three', day: '2000-03-01', weight: -1e300, lent: true }
]

/** One of many records: most have one year, and the others, which are the newest but one in ten, have the years in their order. */
const many = (i: number): Fields => ({
  name: TEXTS[(i * 7) % 3] ?? 'a',
  publication_year: i % 10 === 0 || i > 1400 ? 1900 + Math.floor(i / 20) : 1958,
  contribution: TEXTS[i % TEXTS.length] ?? 'a'
})

/** One of many things, of which most lack what few have. */
const manyThings = (i: number): Fields => ({
  ...LEAST,
  shelf: TEXTS[i % TEXTS.length],
  place: i,
  label: TEXTS[(i * 7) % 3],
  count: i % 10 === 0 || i > 1400 ? Math.floor(i / 20) : 1000,
  rank: i % 9 === 0 ? i % 4 : null,
  at: i > 1400 ? VALUES['date-time'][i % 4] : null,
  note: i % 3 === 0 ? LONG[i % LONG.length] : null,
  ...i % 10 === 0 && { weight: VALUES.number[i % 7], lent: i % 20 === 0 },
  ...i % 100 === 0 && { code: `c${i}`, token: VALUES.uuid[i % 3] }
})
