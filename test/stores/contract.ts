import { setTimeout as pause } from 'node:timers/promises'
import fc from 'fast-check'
import type { Test } from 'tap'
import { compileRepresentation } from '../../http/representation.js'
import { programmingLanguage } from '../../schemas/programming-language.js'
import type { Fields, Item } from '../../schemas/resource.js'
import { StillRunning } from '../../stores/store.js'
import type { Condition, Entry, Model, Query, SortKey, Store, StoreSettings } from '../../stores/store.js'

/** Makes a new, empty store. */
export type CreateStore = (model: Model, settings?: StoreSettings) => Store | Promise<Store>

const model: Model = {
  name: programmingLanguage.plural,
  schema: programmingLanguage.schemas.record,
  sortable: programmingLanguage.sortable,
  represent: compileRepresentation(programmingLanguage.schemas.record)
}

const FIELDS = { name: 'Simula 67', publication_year: 1967, contribution: 'classes' }
const BY_ID: Query = { where: [], order: [], limit: 1000 }

/** The contract of a store, as tests that each of them passes; two of them make `numRuns` new stores. */
export function testStore (t: Test, name: string, create: CreateStore, { numRuns = 200 } = {}): void {
  t.test(`${name}: ids count from 0, and none is given twice`, async (t) => {
    const store = await open(t, create)
    for (const id of [0, 1, 2]) t.equal((await store.create(FIELDS)).item.id, id)
    t.equal(await store.delete(2, () => {}), true)
    t.equal((await store.create(FIELDS)).item.id, 3)
    t.equal(await store.get(2), undefined)
    t.equal(await store.update(2, () => FIELDS), undefined)
    t.equal(await store.delete(2, () => {}), false)
  })

  t.test(`${name}: what is written is what is read`, async (t) => {
    const store = await open(t, create)
    const created = await store.create(FIELDS)
    t.same(created, model.represent({ id: 0, ...FIELDS }))
    t.same(await store.get(0), created)
    const changed = await store.update(0, ({ item }) => ({ ...item, name: 'Simula', id: 99 }))
    t.same(changed, model.represent({ ...FIELDS, name: 'Simula', id: 0 }), 'its id stays')
    t.same(await store.get(0), changed)
    t.same((await store.list(BY_ID)).entries, [changed])
    t.equal(await store.delete(0, (current) => { t.same(current, changed) }), true)
    t.equal(await store.get(0), undefined)
    t.same(await store.list(BY_ID), { entries: [], more: false })
  })

  t.test(`${name}: a write whose decision throws changes nothing`, async (t) => {
    const store = await open(t, create)
    const created = await store.create(FIELDS)
    const refusal = new Error('no')
    const refuse = () => { throw refusal }
    await t.rejects(async () => await store.update(0, refuse), refusal)
    await t.rejects(async () => await store.delete(0, refuse), refusal)
    t.same(await store.get(0), created)
    t.same((await store.list(BY_ID)).entries, [created])
    t.equal(await store.update(1, refuse), undefined, 'nothing is decided about what is not there')
    t.equal(await store.delete(1, refuse), false)
  })

  t.test(`${name}: each write decides on what the one before it made`, async (t) => {
    const store = await open(t, create)
    await store.create({ ...FIELDS, publication_year: 1 })
    await Promise.all(Array.from({ length: 100 }, () =>
      store.update(0, ({ item }) => ({ ...item, publication_year: Number(item.publication_year) + 1 }))))
    t.equal((await store.get(0))?.item.publication_year, 101)
    const ids = await Promise.all(Array.from({ length: 100 }, async () => (await store.create(FIELDS)).item.id))
    t.same(ids.sort((a, b) => a - b), Array.from({ length: 100 }, (_, i) => i + 1))
    const deletions = await Promise.all(Array.from({ length: 20 }, () => store.delete(0, () => {})))
    t.equal(deletions.filter(Boolean).length, 1)
  })

  t.test(`${name}: what is to happen once gives its receipt from then on`, async (t) => {
    const store = await open(t, create)
    const once = { key: 'a', fingerprint: 'x' }
    const created = await store.create(FIELDS, once)
    t.same(created, model.represent({ id: 0, ...FIELDS }))
    t.same(await store.create(FIELDS, once), { ...created, fingerprint: 'x' })
    t.same(await store.create(FIELDS, { key: 'a', fingerprint: 'y' }), { ...created, fingerprint: 'x' }, 'whatever is asked for')
    const refuse = () => { throw new Error('no') }
    t.same(await store.update(0, refuse, once), { ...created, fingerprint: 'x' })
    const changed = await store.update(0, () => ({ ...FIELDS, name: 'Simula' }), { key: 'b', fingerprint: 'z' })
    t.same(changed, model.represent({ id: 0, ...FIELDS, name: 'Simula' }))
    await store.delete(0, () => {})
    t.same(await store.update(0, refuse, { key: 'b', fingerprint: 'z' }), { ...changed, fingerprint: 'z' })
    t.same(await store.create(FIELDS, once), { ...created, fingerprint: 'x' })
    t.same(await store.list(BY_ID), { entries: [], more: false })
    t.equal((await store.create(FIELDS)).item.id, 1, 'no id was spent')
  })

  t.test(`${name}: a write that failed, or found nothing, is no write that happened`, async (t) => {
    const store = await open(t, create)
    await store.create(FIELDS)
    const once = { key: 'a', fingerprint: 'x' }
    await t.rejects(async () => await store.update(0, () => { throw new Error('no') }, once))
    t.equal(await store.update(1, () => FIELDS, once), undefined)
    t.same(await store.create(FIELDS, once), model.represent({ id: 1, ...FIELDS }))
  })

  t.test(`${name}: of writes with one key at the same time, one happens`, async (t) => {
    const store = await open(t, create)
    const attempts = await Promise.allSettled(Array.from({ length: 20 }, async () => await store.create(FIELDS, { key: 'a', fingerprint: 'x' })))
    for (const attempt of attempts) {
      if (attempt.status === 'rejected') t.type(attempt.reason, StillRunning)
      else t.equal(attempt.value.item.id, 0)
    }
    t.equal((await store.list(BY_ID)).entries.length, 1)
  })

  t.test(`${name}: a key is forgotten after its time`, async (t) => {
    const store = await open(t, create, { keyLifetime: 0.2 })
    const once = { key: 'a', fingerprint: 'x' }
    t.equal((await store.create(FIELDS, once)).item.id, 0)
    t.equal((await store.create(FIELDS, once)).item.id, 0)
    await pause(250)
    t.equal((await store.create(FIELDS, once)).item.id, 1)
    t.equal((await store.create(FIELDS, once)).item.id, 1)
  })

  t.test(`${name}: starting records are for a store that never had any`, async (t) => {
    const store = await open(t, create)
    await store.seed([FIELDS, { ...FIELDS, name: 'Simula' }])
    t.equal((await store.get(1))?.item.name, 'Simula')
    await store.delete(0, () => {})
    await store.delete(1, () => {})
    await store.seed([FIELDS])
    t.same((await store.list(BY_ID)).entries, [])
    t.equal((await store.create(FIELDS)).item.id, 2)
  })

  t.test(`${name}: what a list gives is its caller's alone`, async (t) => {
    const store = await open(t, create)
    const created = await store.create(FIELDS)
    t.same((await store.list(BY_ID)).entries.splice(0), [created])
    t.same((await store.list(BY_ID)).entries, [created])
  })

  t.test(`${name}: a property that is not of the model cannot be queried`, async (t) => {
    const store = await open(t, create)
    await t.rejects(async () => await store.list({ ...BY_ID, order: [{ property: 'year', descending: false }] }))
  })

  t.test(`${name}: it can serve`, async (t) => {
    const store = await open(t, create)
    t.equal(await store.ping(), undefined)
  })

  t.test(`${name}: after any writes, every query finds what a scan of all records finds`, async (t) => {
    await fc.assert(fc.asyncProperty(fc.array(write, { maxLength: 60 }), fc.array(query, { minLength: 1, maxLength: 10 }), async (writes, queries) => {
      const store = await create(model)
      const records = new Map<number, Item>()
      for (const one of writes) await apply(store, records, one)
      for (const one of queries) t.same(await idsOf(store, one), scan([...records.values()], one))
      await store.close()
    }), { numRuns })
  })

  t.test(`${name}: of many records, a few of them apart, every query finds what a scan of all finds`, async (t) => {
    const store = await open(t, create)
    const records: Item[] = []
    for (let i = 0; i < 1500; i++) records.push((await store.create(many(i))).item)
    // What comes after a record that is there, too, and the matches that come late.
    const after = fc.option(fc.oneof(anyRecord, fc.constantFrom(...records)), { nil: undefined })
    await fc.assert(fc.asyncProperty(query, after, fc.integer({ min: 1, max: 400 }), async (query, after, limit) => {
      const asked = { ...query, after, limit }
      t.same(await idsOf(store, asked), scan(records, asked))
    }), { numRuns: 2 * numRuns })
  })

  t.test(`${name}: whoever goes on after the last entry sees each record that stays exactly once`, async (t) => {
    await fc.assert(fc.asyncProperty(fc.array(fields, { maxLength: 60 }), fc.array(write, { maxLength: 30 }), query, fc.integer({ min: 1, max: 5 }), async (first, writes, query, limit) => {
      const store = await create(model)
      const records = new Map<number, Item>()
      for (const fields of first) await apply(store, records, { fields })
      const seen: number[] = []
      const stayed = new Set(scan([...records.values()], { ...query, after: undefined, limit: 1000 }).ids)
      let after: Item | undefined
      let more = true
      while (more) {
        const slice = await store.list({ ...query, after, limit })
        seen.push(...slice.entries.map(({ item }) => item.id))
        after = slice.entries.at(-1)?.item
        more = slice.more
        const next = writes.shift()
        if (next !== undefined) stayed.delete(await apply(store, records, next))
      }
      t.equal(new Set(seen).size, seen.filter((id) => stayed.has(id)).length + new Set(seen.filter((id) => !stayed.has(id))).size)
      t.same([...stayed].filter((id) => !seen.includes(id)), [])
      await store.close()
    }), { numRuns })
  })
}

async function open (t: Test, create: CreateStore, settings?: StoreSettings): Promise<Store> {
  const store = await create(model, settings)
  t.teardown(() => store.close())
  return store
}

interface Write {
  /** What to write; without it, a delete. */
  fields?: Fields | undefined
  /** Which of the records to write to; without it, a create. */
  which?: number | undefined
}

/** Writes to a store and to a plain model of it; returns the id that was written to. */
async function apply (store: Store, records: Map<number, Item>, { fields, which }: Write): Promise<number> {
  const id = which === undefined ? undefined : [...records.keys()][which % Math.max(1, records.size)]
  if (id === undefined) {
    const { item } = await store.create(fields ?? FIELDS)
    records.set(item.id, item)
    return item.id
  }
  if (fields === undefined) {
    await store.delete(id, () => {})
    records.delete(id)
  } else {
    await store.update(id, () => fields)
    records.set(id, { ...fields, id })
  }
  return id
}

async function idsOf (store: Store, query: Query) {
  const { entries, more } = await store.list(query)
  return { ids: entries.map(({ item }: Entry) => item.id), more }
}

/** What a query finds, by looking at every record. */
function scan (records: readonly Item[], { where, order, after, limit }: Query) {
  const keys: readonly SortKey[] = [...order, { property: 'id', descending: false }]
  const compare = (a: Fields, b: Fields) => keys.reduce((sign, { property, descending }) =>
    sign || compareByCodePoints(a[property], b[property]) * (descending ? -1 : 1), 0)
  const holds = (item: Item) => ({ property, operator, value }: Condition) => {
    const sign = compareByCodePoints(item[property], value)
    return { lt: sign < 0, lte: sign <= 0, eq: sign === 0, gte: sign >= 0, gt: sign > 0 }[operator]
  }
  const found = records.filter((item) => where.every(holds(item)))
    .filter((item) => after === undefined || compare(item, after) > 0)
    .sort(compare)
    .map(({ id }) => id)
  return { ids: found.slice(0, limit), more: found.length > limit }
}

function compareByCodePoints (a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  return Buffer.compare(Buffer.from(String(a)), Buffer.from(String(b)))
}

// Few values, so that many are equal, and some beyond the 16 bits of a code unit.
const TEXTS = ['a', 'b', 'ab', 'B', '\u{1F600}', '\uFFFD', '\u{1F600}a', 'é', '\u0001', '\u0004a', 'a\u0003', `a\u0001${'b'.repeat(80)}`, `a${'b'.repeat(80)}`] as const
const text = fc.constantFrom(...TEXTS)
const year = fc.constantFrom(1, 1958, 1960, 1967, 9999)
const fields = fc.record({ name: text, publication_year: year, contribution: text })
const write = fc.record({ fields: fc.option(fields, { nil: undefined }), which: fc.option(fc.nat(60), { nil: undefined }) })
const operator = fc.constantFrom('lt' as const, 'lte' as const, 'eq' as const, 'gte' as const, 'gt' as const)
const condition: fc.Arbitrary<Condition> = fc.oneof(
  fc.record({ property: fc.constantFrom('name', 'contribution'), operator, value: text }),
  fc.record({ property: fc.constantFrom('publication_year', 'id'), operator, value: fc.oneof(year, fc.nat(60), fc.integer({ min: 1890, max: 1980 })) })
)
const sortKey = fc.record({ property: fc.constantFrom('id', 'name', 'publication_year', 'contribution'), descending: fc.boolean() })
const anyRecord: fc.Arbitrary<Item> = fc.record({ id: fc.nat(60), name: text, publication_year: year, contribution: text })
const query: fc.Arbitrary<Query> = fc.record({
  where: fc.array(condition, { maxLength: 3 }),
  order: fc.uniqueArray(sortKey, { maxLength: 3, selector: ({ property }) => property }),
  after: fc.option(anyRecord, { nil: undefined }),
  limit: fc.integer({ min: 1, max: 20 })
})

/** One of many records: most have one year, and the others, which are the newest but one in ten, have the years in their order. */
const many = (i: number): Fields => ({
  name: TEXTS[(i * 7) % 3] ?? 'a',
  publication_year: i % 10 === 0 || i > 1400 ? 1900 + Math.floor(i / 20) : 1958,
  contribution: TEXTS[i % TEXTS.length] ?? 'a'
})
