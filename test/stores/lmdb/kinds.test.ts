import { Type, type TProperties } from '@sinclair/typebox'
import t from 'tap'
import { toModel } from '../../../app.js'
import { defineResource, type Fields } from '../../../schemas/resource.js'
import { openLmdbStore, openLmdbStores } from '../../../stores/open.js'
import { Duplicate, type Condition, type Id, type Model, type SortKey, type Store, type Value } from '../../../stores/store.js'
import { newFolder } from '../../lmdb.js'

const TEXTS = ['', ' ', 'a', 'b', 'ab', 'a\u0001', 'a\u0004b', '\u0001', '\u001b', '\u001c', '\u{10FFFF}', '\u{10FFFF}!', '\u{10FFFF}a', '\u{1F600}', '\uFFFD', 'é',
  `a\u0002${'b'.repeat(70)}`, `a${'b'.repeat(70)}`, 'x'.repeat(80), `${'x'.repeat(79)}\u{1F600}a`, `${'x'.repeat(79)}\u{1F600}b`, `${'x'.repeat(480)}a`, `${'x'.repeat(480)}b`, '\u{10FFFF}'.repeat(300)]
const NUMBERS = [0, -0, 1, -1, 0.5, -0.5, 1e300, -1e300, 5e-324, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, 255, 256, 65536.25]
const VALUES: Readonly<Record<string, readonly Value[]>> = {
  text: TEXTS,
  short: ['a', 'b', '\u{10FFFF}', '\u0001', null],
  note: [...TEXTS, null],
  count: NUMBERS.filter(Number.isInteger),
  rank: [...NUMBERS, null],
  amount: NUMBERS,
  color: ['red', 'green', '\u{10FFFF}'],
  done: [true, false],
  maybe: [true, false, null],
  day: ['1969-01-01', '2001-02-03', '9999-12-31', null],
  at: ['1969-01-01T00:00:00.000Z', '2001-02-03T04:05:06.789Z', null],
  ref: ['01890a5d-ac96-774b-bcce-b302099a8057', 'ffffffff-ac96-774b-bcce-b302099a8057', null],
  code: TEXTS.filter((text) => text !== '')
}
const NULLABLE = new Set(['short', 'maybe', 'ref'])

const properties = {
  text: Type.String({ maxLength: 2000 }),
  short: Type.Union([Type.String({ maxLength: 20 }), Type.Null()]),
  note: Type.Optional(Type.String({ maxLength: 700 })),
  count: Type.Integer(),
  rank: Type.Optional(Type.Number()),
  amount: Type.Number(),
  color: Type.Union([Type.Literal('red'), Type.Literal('green'), Type.Literal('\u{10FFFF}')]),
  done: Type.Boolean(),
  maybe: Type.Union([Type.Boolean(), Type.Null()]),
  day: Type.Optional(Type.String({ format: 'date' })),
  at: Type.Optional(Type.String({ format: 'date-time' })),
  ref: Type.Union([Type.String({ format: 'uuid' }), Type.Null()]),
  tags: Type.Array(Type.String()),
  data: Type.Optional(Type.Object({ deep: Type.Integer() })),
  code: Type.String({ maxLength: 360 })
}
const base = { name: 'thing', plural: 'things', description: 'A thing', properties }
const MODELS: Readonly<Record<string, Model>> = {
  counter: toModel(defineResource({ ...base, unique: [['short', 'count'], ['rank']] })),
  uuid: toModel(defineResource({ ...base, id: 'uuid' })),
  text: toModel(defineResource({ ...base, id: ['code'], unique: [['short', 'day', 'maybe']] })),
  number: toModel(defineResource({ ...base, id: ['amount'] })),
  boolean: toModel(defineResource({ ...base, id: ['done'] })),
  several: toModel(defineResource({ ...base, id: ['count', 'code'] }))
}

/** A generator of numbers below a bound, the same in each run. */
function createRandom (seed: number) {
  return (bound: number): number => {
    seed = (seed * 1103515245 + 12345) % 2147483648
    return Math.floor(seed / 2147483648 * bound)
  }
}

const compare = (a: Value, b: Value): number => {
  if (a === null || b === null) return Number(a === null) - Number(b === null)
  return typeof a === 'string' ? Buffer.compare(Buffer.from(a), Buffer.from(String(b))) : Math.sign(Number(a) - Number(b))
}
const valueIn = (record: Fields, name: string): Value => (record[name] as Value | undefined) ?? null

const OPERATORS = ['lt', 'lte', 'eq', 'gte', 'gt', 'in'] as const
function holds (record: Fields, { property, operator, value }: Condition): boolean {
  const own = valueIn(record, property)
  if (operator === 'in') return value.some((one) => compare(own, one) === 0)
  const sign = compare(own, value)
  return { lt: sign < 0, lte: sign <= 0, eq: sign === 0, gte: sign >= 0, gt: sign > 0 }[operator]
}

for (const [name, model] of Object.entries(MODELS)) {
  t.test(`ids of the kind ${name}: every query finds what a scan of all finds, after any writes`, async (t) => {
    const random = createRandom(name.length * 7919)
    const pick = <T>(list: readonly T[]): T => list[random(list.length)] as T
    const fieldsOf = (): Fields => ({
      ...Object.fromEntries(Object.entries(VALUES).flatMap(([name, values]) => {
        const value = pick(values)
        return value === null && !NULLABLE.has(name) ? [] : [[name, value]]
      })),
      tags: ['a', 'b'].slice(random(3)),
      ...random(2) === 0 && { data: { deep: 1 } }
    })
    const store = await openLmdbStore(newFolder(), model)
    t.teardown(() => store.close())
    const records = new Map<Id, Fields>()
    const sameAs = (item: Fields) => (other: Fields) => [...model.ids === 'own' ? [model.key] : [], ...model.unique]
      .some((names) => names.every((name) => valueIn(item, name) !== null && compare(valueIn(item, name), valueIn(other, name)) === 0))
    const check = async () => {
      t.equal(await store.count([]), records.size)
      for (let i = 0; i < 150; i++) {
        const valueOf = (property: string) => property === 'id' ? pick([...records.keys(), model.ids === 'counter' ? 5 : '5', null]) : pick(VALUES[property] ?? [])
        const where = Array.from({ length: random(3) }, (): Condition => {
          const [property, operator] = [pick(model.sortable), pick(OPERATORS)]
          return operator === 'in' ? { property, operator, value: Array.from({ length: random(4) }, () => valueOf(property)) } : { property, operator, value: valueOf(property) }
        })
        const order = Array.from({ length: random(3) }, (): SortKey => ({ property: pick(model.sortable), descending: random(2) === 0 }))
        const keys = [...order, ...model.key.map((property) => ({ property, descending: false }))]
        const expected = [...records.values()].filter((record) => where.every((condition) => holds(record, condition)))
          .sort((a, b) => keys.reduce((sign, { property, descending }) => sign || compare(valueIn(a, property), valueIn(b, property)) * (descending ? -1 : 1), 0))
        const found: Fields[] = []
        for (let after: Fields | undefined, more = true; more;) {
          const slice = await store.list({ where, order, after, limit: 1 + random(20) })
          found.push(...slice.entries.map(({ item }) => item))
          after = found.at(-1)
          more = slice.more
        }
        if (!t.same(found, expected, { where, order })) return
        t.equal(await store.count(where), expected.length)
      }
    }
    for (let i = 0; i < 150; i++) {
      const fields = fieldsOf()
      const duplicate = [...records.values()].some(sameAs(fields))
      try {
        const entry = await store.create(fields)
        t.notOk(duplicate)
        t.same(entry, model.represent(entry.item))
        records.set(entry.id, entry.item)
      } catch (error) {
        if (!(error instanceof Duplicate)) throw error
        t.ok(duplicate)
      }
    }
    await check()
    for (const id of [...records.keys()].filter(() => random(2) === 0)) {
      if (random(2) === 0) {
        t.ok(await store.delete(id, () => {}))
        records.delete(id)
      } else {
        try {
          const entry = await store.update(id, fieldsOf)
          t.equal(entry?.id, id)
          if (entry) records.set(id, entry.item)
        } catch (error) {
          t.type(error, Duplicate)
        }
      }
      t.same((await store.get(id))?.item, records.get(id))
    }
    await check()
  })
}

/** A store for so many properties of books. */
const book = (properties: TProperties, more: object = {}) =>
  toModel(defineResource({ name: 'book', plural: 'books', description: 'A book', properties, ...more } as never))

const open = async (t: { teardown (close: () => unknown): void }, folder: string, model: Model): Promise<Store> => {
  const store = await openLmdbStore(folder, model)
  t.teardown(() => store.close())
  return store
}

const title = Type.String({ maxLength: 300 })
const isbn = Type.String({ maxLength: 13 })
const ids = async (store: Store, where: readonly Condition[] = [], order: readonly SortKey[] = []) => (await store.list({ where, order, limit: 100 })).entries.map(({ id }) => id)
const is = (property: string, value: Value): Condition[] => [{ property, operator: 'eq', value }]

t.test('of 20 creates at the same time with one key, or one unique value, in two stores, one happens', async (t) => {
  for (const [more, property] of [[{ id: ['isbn'] }, 'isbn'], [{ unique: [['isbn']] }, 'isbn']] as const) {
    const folder = newFolder()
    const model = book({ title, isbn }, more)
    const stores = [await open(t, folder, model), await open(t, folder, model)] as const
    const attempts = await Promise.allSettled(Array.from({ length: 20 }, async (_, i) => await stores[i % 2 === 0 ? 0 : 1].create({ title: `${i}`, isbn: '1' })))
    t.equal(attempts.filter(({ status }) => status === 'fulfilled').length, 1)
    for (const attempt of attempts) if (attempt.status === 'rejected') t.match(attempt.reason, { name: 'Duplicate', properties: [property], ...'id' in more && { id: '1' } })
    t.equal(await stores[1].count([]), 1)
    const [id = ''] = await ids(stores[0])
    await stores[1].delete(id, () => {})
    t.equal(await stores[0].count([]), 0)
    await stores[0].create({ title: 'again', isbn: '1' })
  }
})

t.test('the longest ids and texts fit into an index', async (t) => {
  const store = await open(t, newFolder(), book({ isbn: Type.String({ maxLength: 400 }), title: Type.String({ maxLength: 400 }) }, { id: ['isbn'], unique: [['title']] }))
  const texts = ['\u{10FFFF}', '\u{1F600}', '\uFFFF', '\u0001'].map((character) => character.repeat(400))
  for (const text of texts) t.equal((await store.create({ isbn: text, title: text })).id, text)
  t.same(await ids(store, [], [{ property: 'title', descending: true }]), texts)
  t.same(await ids(store, [{ property: 'isbn', operator: 'gt', value: texts[2] ?? '' }]), [texts[1], texts[0]])
})

t.test('two models in one folder have their own records, keys and ids; the folder stays open until both are closed', async (t) => {
  const folder = newFolder()
  const models = [book({ title }), toModel(defineResource({ name: 'shelf', plural: 'shelves', description: 'A shelf', properties: { title }, id: ['title'] }))]
  const [books, shelves] = await openLmdbStores(folder, models)
  if (books === undefined || shelves === undefined) throw new Error('there are two')
  const once = { key: 'a', fingerprint: 'x' }
  t.equal((await books.create({ title: 'B' }, once)).id, 0)
  t.equal((await shelves.create({ title: 'S' }, once)).id, 'S')
  t.equal((await shelves.put('T', () => ({ title: 'T' }))).id, 'T')
  t.same(await ids(books, is('title', 'B')), [0])
  t.same(await ids(shelves), ['S', 'T'])
  t.equal(books.revision?.(), 2, 'a write, and the making of an index')
  t.equal(shelves.revision?.(), 2)
  await books.close()
  await books.close()
  t.equal((await shelves.get('S'))?.id, 'S')
  await shelves.create({ title: 'U' })
  await shelves.close()
  await t.rejects(async () => await shelves.create({ title: 'V' }))
  await t.rejects(openLmdbStore(folder, models[0] ?? book({})), { message: `the folder ${folder} cannot be used: it has shelves, which are not of this API: add them, or choose another folder` })
  const again = await openLmdbStores(folder, models)
  t.equal(await again[1]?.count([]), 3)
  for (const store of again) await store.close()
})

t.test('a schema may grow while a server of the earlier one goes on', async (t) => {
  const folder = newFolder()
  const old = await open(t, folder, book({ title, note: Type.Optional(title) }, { sortable: ['title'], id: 'counter', unique: [['title']] }))
  await old.create({ title: 'A' })
  await old.create({ title: 'B', note: 'b' })
  const grown = book({
    stars: Type.Integer({ default: 3 }),
    title,
    note: Type.Optional(title),
    kind: Type.Union([Type.String({ maxLength: 20 }), Type.Null()]),
    pages: Type.Optional(Type.Integer()),
    out: Type.Boolean({ default: false }),
    at: Type.String({ format: 'date-time', default: '2001-01-01T01:00:00+01:00' })
  }, { unique: [['title']] })
  const store = await open(t, folder, grown)
  const filled = { stars: 3, kind: null, out: false, at: '2001-01-01T00:00:00.000Z' }
  t.same(await store.get(0), grown.represent({ id: 0, title: 'A', ...filled }))
  t.same(await ids(store, is('stars', 3), [{ property: 'note', descending: false }]), [1, 0])
  t.same(await ids(store, is('kind', null)), [0, 1])
  t.same(await ids(store, is('pages', null)), [0, 1])
  t.same(await ids(store, [...is('out', false), ...is('at', '2001-01-01T00:00:00.000Z')]), [0, 1])

  // The earlier server writes, and does not know what is new.
  const c = { id: 2, title: 'C', stars: 5, kind: 'novel', pages: 99, out: true, at: '2002-01-01T00:00:00.000Z' }
  await store.create(c)
  t.same((await old.get(2))?.item, { id: 2, title: 'C' }, 'what it serves is of its own schema')
  t.same((await old.create({ title: 'D' })).item, { id: 3, title: 'D' })
  t.same((await old.update(2, ({ item }) => ({ ...item, note: 'c' })))?.item, { id: 2, title: 'C', note: 'c' })
  await old.update(0, () => ({ title: 'a', note: 'a' }))
  t.same((await old.get(2))?.body, '{"id":2,"title":"C","note":"c"}')
  await old.update(2, ({ item }) => ({ ...item, note: 'cc' }))
  t.same(await store.get(2), grown.represent({ ...c, note: 'cc' }), 'nothing was lost')
  t.same(await store.get(3), grown.represent({ id: 3, title: 'D', ...filled }))
  t.same(await ids(store, is('stars', 3)), [0, 1, 3])
  t.same(await ids(store, is('stars', 5)), [2])
  t.same(await ids(store, is('note', 'cc'), [{ property: 'pages', descending: true }]), [2])
  t.same(await ids(store, [], [{ property: 'pages', descending: true }]), [0, 1, 3, 2])
  t.same(await ids(store, [], [{ property: 'stars', descending: true }, { property: 'note', descending: false }]), [2, 0, 1, 3])
  await t.rejects(async () => await old.create({ title: 'C' }), Duplicate)
  for (const id of [2, 3]) await old.delete(id, () => {})
  for (const property of ['stars', 'kind', 'pages', 'out', 'at', 'note']) t.same((await ids(store, [], [{ property, descending: false }])).sort(), [0, 1], property)
  t.equal((await old.list({ where: [], order: [{ property: 'title', descending: true }], limit: 9 })).entries.length, 2)

  // A default that changes says nothing of the records before it; another resource is added.
  const next = book({ title, note: Type.Optional(title), kind: Type.Union([Type.String({ maxLength: 20 }), Type.Null()]), pages: Type.Optional(Type.Integer()), out: Type.Boolean(), at: Type.String({ format: 'date-time' }), stars: Type.Integer({ default: 4 }) }, { unique: [['title']] })
  const [again, shelves] = await openLmdbStores(folder, [next, toModel(defineResource({ name: 'shelf', plural: 'shelves', description: 'A shelf', properties: { title } }))])
  t.same(await again?.get(1), next.represent({ id: 1, title: 'B', note: 'b', ...filled }))
  t.equal((await shelves?.create({ title: 'S' }))?.id, 0)
  await again?.close()
  await shelves?.close()
})

t.test('a record deleted and made again by a server of the earlier schema is in the newer index once', async (t) => {
  const folder = newFolder()
  const old = await open(t, folder, book({ isbn }, { id: ['isbn'] }))
  const store = await open(t, folder, book({ isbn, stars: Type.Integer({ default: 3 }) }, { id: ['isbn'] }))
  await store.create({ isbn: '1', stars: 5 })
  t.same(await ids(store, is('stars', 5)), ['1'])
  await old.delete('1', () => {})
  await old.create({ isbn: '1' })
  t.same(await ids(store, [], [{ property: 'stars', descending: false }]), ['1'])
  t.same(await ids(store, is('stars', 3)), ['1'])
})

t.test('an optional property may become nullable, and one that must be there may lack', async (t) => {
  const folder = newFolder()
  const first = await openLmdbStore(folder, book({ title, note: Type.Optional(title) }))
  await first.create({ title: 'A' })
  await first.close()
  const second = await openLmdbStore(folder, book({ title, note: Type.Union([title, Type.Null()]) }))
  t.same((await second.get(0))?.item, { id: 0, title: 'A', note: null })
  await second.update(0, ({ item }) => item)
  await second.close()
  const third = await openLmdbStore(folder, book({ title: Type.Optional(title), note: Type.Optional(title) }))
  t.same((await third.get(0))?.item, { id: 0, title: 'A' })
  await third.close()
})

t.test('what cannot go on is refused, in one line that says what to do', async (t) => {
  const folder = newFolder()
  const before = { isbn, title, note: Type.Optional(title) }
  const first = await openLmdbStore(folder, book({ ...before }))
  await first.close()
  const grown = await openLmdbStore(folder, book({ ...before, stars: Type.Integer({ default: 3 }) }))
  await grown.close()
  const now = { ...before, stars: Type.Integer({ default: 3 }) }
  const refusals: [Model, string][] = [
    [book(before), 'its books have a property stars: keep it in the schema, or choose another folder'],
    [book({ ...now, title: Type.Integer() }), 'its books have a property title of the kind text, not integer: go back to that, or choose another folder'],
    [book(now, { id: ['isbn'] }), 'its books were made with the ids "counter": go back to that, or choose another folder'],
    [book(now, { unique: [['isbn']] }), 'its books were made with the unique []: go back to that, or choose another folder'],
    [book({ ...now, note: Type.String({ default: '' }) }), 'its books may lack the property note: keep it optional or nullable, or choose another folder'],
    [book({ ...now, pages: Type.Integer() }), 'its books lack the new property pages: make it optional, or give it a default, or choose another folder'],
    [book({ ...now, stars: Type.Optional(Type.Integer()) }), 'its books lack the property stars where they have its default: keep it required, or choose another folder'],
    [toModel(defineResource({ name: 'shelf', plural: 'shelves', description: 'A shelf', properties: before })), 'it has books, which are not of this API: add them, or choose another folder']
  ]
  for (const [model, why] of refusals) await t.rejects(openLmdbStore(folder, model), { message: `the folder ${folder} cannot be used: ${why}` })
  await (await openLmdbStore(folder, book(now))).close()

  const keyed = newFolder()
  await (await openLmdbStore(keyed, book(before, { id: ['isbn'] }))).close()
  await t.rejects(openLmdbStore(keyed, book(before, { id: ['isbn', 'title'] })), { message: /its books were made with the key \["isbn"\]: go back to that/ })
})

t.test('a folder of an earlier version of the program is refused', async (t) => {
  const { open } = await import('lmdb')
  const folder = newFolder()
  const database = open({ path: folder, noSubdir: false, overlappingSync: false, maxDbs: 9 })
  database.openDB('model', { encoding: 'json' }).putSync('model', 'programming_languages id name (format 2)')
  await database.close()
  await t.rejects(openLmdbStore(folder, book({ title })), { message: `the folder ${folder} cannot be used: it was written by another version of this program: give it to that version, or choose another folder` })
})
