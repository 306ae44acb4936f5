import { readFileSync, renameSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as turn, setTimeout as pause } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { model } from '../../app.js'
import type { Fields, Operator as AnyOperator } from '../../schemas/resource.js'
import { openLmdbStore } from '../../stores/open.js'
import { StoreUnavailable, type Id, type Query, type StoreSettings } from '../../stores/store.js'
import { LANGUAGE } from '../build.js'
import { newFolder } from '../lmdb.js'
import { testStore } from '../testing.js'

await testStore(t, 'lmdb', (model, settings) => openLmdbStore(newFolder(), model, settings), { numRuns: 50 })

/** An operator that compares with one value. */
type Operator = Exclude<AnyOperator, 'in'>

const ALL: Query = { where: [], order: [], limit: 1000 }

async function open (t: Test, folder = newFolder(), settings?: StoreSettings) {
  const store = await openLmdbStore(folder, model, settings)
  t.teardown(() => store.close())
  return store
}

/** The ids of a query, page after page. */
async function idsOf (store: Awaited<ReturnType<typeof open>>, query: Query): Promise<Id[]> {
  const ids: Id[] = []
  for (let more = true, { after } = query; more;) {
    const slice = await store.list({ ...query, after })
    ids.push(...slice.entries.map(({ id }) => id))
    after = slice.entries.at(-1)?.item
    more = slice.more
  }
  return ids
}

t.test('what was written is there when the folder is opened again', async (t) => {
  const folder = newFolder()
  const once = { key: 'a', fingerprint: 'x' }
  const first = await openLmdbStore(folder, model)
  await first.seed([LANGUAGE, LANGUAGE])
  const created = await first.create({ ...LANGUAGE, name: 'Beta' }, once)
  await first.delete(2, () => {})
  const revision = await first.revision?.()
  await first.close()

  const again = await open(t, folder)
  await again.seed([LANGUAGE])
  t.same(await idsOf(again, ALL), [0, 1])
  t.equal(await again.revision?.(), revision)
  t.same(await again.create(LANGUAGE, once), { ...created, fingerprint: 'x' })
  t.equal((await again.create(LANGUAGE)).item.id, 3)
})

t.test('a text that is longer than a key is sorted and filtered by all of it', async (t) => {
  const store = await open(t)
  const long = 'x'.repeat(479)
  const texts = [`${long}yb`, `${long}ya`, `${long}\u{1F600}b`, `${long}\u{1F600}a`, `${long}y`, 'a', long, `${long}ya`, `${long}\uFFFD`, 'z']
  for (const contribution of texts) await store.create({ ...LANGUAGE, contribution })
  const order = [...texts.keys()].sort((a, b) => Buffer.compare(Buffer.from(texts[a] ?? ''), Buffer.from(texts[b] ?? '')) || a - b)
  const property = 'contribution'

  for (const limit of [1, 2, 3, 100]) {
    t.same(await idsOf(store, { ...ALL, limit, order: [{ property, descending: false }] }), order, `${limit} a page`)
    const descending = [...order].sort((a, b) => Buffer.compare(Buffer.from(texts[b] ?? ''), Buffer.from(texts[a] ?? '')) || a - b)
    t.same(await idsOf(store, { ...ALL, limit, order: [{ property, descending: true }] }), descending, `descending, ${limit} a page`)
  }
  const matches = (operator: Operator, value: string) => idsOf(store, { ...ALL, where: [{ property, operator, value }] })
  t.same(await matches('eq', `${long}ya`), [1, 7])
  t.same(await matches('gt', `${long}yb`), [2, 3, 8, 9])
  t.same(await matches('gte', `${long}yb`), [0, 2, 3, 8, 9])
  t.same(await matches('lt', `${long}ya`), [4, 5, 6])
  t.same(await matches('lte', `${long}ya`), [1, 4, 5, 6, 7])

  // More that begin the same than are read in one step, and are in the order of their ids as far as the keys go.
  const first = await store.create({ ...LANGUAGE, contribution: `${long}yc` })
  await Promise.all(Array.from({ length: 600 }, (_, i) => store.create({ ...LANGUAGE, contribution: `${long}yc${999 - i}` })))
  const expected = [first.id, ...Array.from({ length: 600 }, (_, i) => Number(first.id) + 600 - i)]
  const where = [{ property, operator: 'gt' as const, value: `${long}yb` }, { property, operator: 'lt' as const, value: `${long}yd` }]
  t.same(await idsOf(store, { where, order: [{ property, descending: false }], limit: 70 }), expected)
  t.same(await idsOf(store, { where, order: [{ property, descending: true }], limit: 70 }), expected.reverse())
})

t.test('many records', async (t) => {
  const store = await open(t)
  const count = 12_000
  const fields = (i: number): Fields => ({ ...LANGUAGE, name: `Language ${i % 3}`, publication_year: i < count - 300 ? 1 : 2 })
  for (let i = 0; i < count; i += 1000) await Promise.all(Array.from({ length: 1000 }, (_, j) => store.create(fields(i + j))))
  const where = (property: string, operator: Operator, value: string | number) => [{ property, operator, value }]
  t.same((await idsOf(store, ALL)).length, count)
  t.same(await idsOf(store, { ...ALL, where: where('publication_year', 'eq', 2), limit: 100 }), Array.from({ length: 300 }, (_, i) => count - 300 + i))
  t.equal((await idsOf(store, { ...ALL, where: where('publication_year', 'lt', 2) })).length, count - 300)
  t.equal((await idsOf(store, { ...ALL, where: where('name', 'gt', 'Language 0'), order: [{ property: 'publication_year', descending: true }] })).length, count * 2 / 3)
})

t.test('an index that is made while records are written has them all', async (t) => {
  const store = await open(t)
  const count = 5000
  await Promise.all(Array.from({ length: count }, (_, i) => store.create({ ...LANGUAGE, name: `${i % 7}` })))
  const order = [{ property: 'name', descending: false }]
  const lists = Promise.all([store.list({ ...ALL, order }), store.list({ ...ALL, order })])
  for (let i = 0; i < 50; i++) {
    await Promise.all([
      store.update(i * 100, () => ({ ...LANGUAGE, name: 'a' })),
      store.delete(i * 100 + 1, () => {}),
      store.create({ ...LANGUAGE, name: 'b' })
    ])
  }
  await lists
  const names: unknown[] = []
  const ids = await idsOf(store, { ...ALL, order })
  for (const id of ids) names.push((await store.get(id))?.item.name)
  t.equal(new Set(ids).size, count)
  t.same(names, [...names].sort())
  t.equal(names.filter((name) => name === 'a').length, 50)
  t.equal(names.filter((name) => name === 'b').length, 50)
})

t.test('keys are forgotten some at a time, but none that is in use again', async (t) => {
  const store = await open(t, newFolder(), { keyLifetime: 0.2 })
  const once = (i: number) => ({ key: `key ${i}`, fingerprint: 'x' })
  for (let i = 0; i < 12; i++) await store.create(LANGUAGE, once(i))
  await pause(250)
  t.equal((await store.create(LANGUAGE, once(11))).item.id, 12)
  t.equal((await store.create(LANGUAGE, once(99))).item.id, 13)
  t.equal((await store.create(LANGUAGE, once(11))).item.id, 12)
})

t.test('a list beside the first writes of all', async (t) => {
  for (let i = 0; i < 10; i++) {
    const store = await open(t)
    const writes = { pending: 3 }
    for (let j = 0; j < 3; j++) Promise.resolve(store.create(LANGUAGE)).finally(() => { writes.pending-- })
    while (writes.pending > 0) {
      t.ok((await store.list(ALL)).entries.length <= 3)
      await turn()
    }
    t.same(await idsOf(store, ALL), [0, 1, 2])
  }
})

t.test('two of them with one folder see what the other has written', async (t) => {
  const folder = newFolder()
  const [a, b] = [await open(t, folder), await open(t, folder)]
  t.equal((await a.create(LANGUAGE)).item.id, 0)
  t.equal((await b.create(LANGUAGE)).item.id, 1)
  t.same(await idsOf(a, ALL), [0, 1])
})

t.test('two of them that need the same index at the same time make it together', async (t) => {
  const folder = newFolder()
  const stores = [await open(t, folder), await open(t, folder)]
  for (let i = 0; i < 1200; i++) await stores[0]?.create({ ...LANGUAGE, name: `Language ${String(i).padStart(4, '0')}` })
  for (const property of ['name', 'publication_year', 'contribution']) {
    const query: Query = { ...ALL, order: [{ property, descending: false }] }
    const found = await Promise.all(stores.map((store) => idsOf(store, query)))
    for (const ids of found) t.same(ids, Array.from({ length: 1200 }, (_, id) => id), property)
  }
})

t.test('a folder that cannot be used is named', async (t) => {
  const folder = newFolder()
  const file = join(folder, 'file')
  writeFileSync(file, '')
  for (const path of [file, join(file, 'store')]) {
    await t.rejects(openLmdbStore(path, model), { message: `cannot write to the folder ${path}` })
  }
  // Node.js's own way of making folders does not come back from this one.
  await t.rejects(openLmdbStore('/proc/none/store', model), { message: 'cannot write to the folder /proc/none/store' })
  symlinkSync(join(folder, 'nowhere'), join(folder, 'link'))
  await t.rejects(openLmdbStore(join(folder, 'link'), model), { message: `cannot write to the folder ${folder}/link` })
})

t.test('a folder that is gone, or another, is noticed by the next write and by ping', async (t) => {
  const folder = newFolder()
  const store = await open(t, folder)
  await store.create(LANGUAGE)
  await store.ping()
  renameSync(folder, `${folder}-moved`)
  await t.rejects(async () => await store.ping(), StoreUnavailable)
  await t.rejects(async () => await store.create(LANGUAGE), StoreUnavailable)
  await (await openLmdbStore(folder, model)).close()
  await t.rejects(async () => await store.ping(), StoreUnavailable)
  await t.rejects(async () => await store.delete(0, () => {}), StoreUnavailable)
})

t.test('a file that is cut short is refused, wherever it is cut', async (t) => {
  const folder = newFolder()
  const store = await openLmdbStore(folder, model)
  for (let i = 0; i < 20; i++) {
    await Promise.all(Array.from({ length: 20 }, () => store.create({ ...LANGUAGE, contribution: '\u{1F600}'.repeat(2000) })))
    await Promise.all(Array.from({ length: 20 }, () => store.create(LANGUAGE)))
  }
  await store.close()
  const file = join(folder, 'data.mdb')
  const { size } = statSync(file)
  for (const part of [0.98, 0.9, 0.6, 0.3, 0.1, 8192 / size, 4096 / size, 1 / size]) {
    truncateSync(file, Math.ceil(size * part))
    await t.rejects(openLmdbStore(folder, model), { message: `the file ${file} is cut short, or not of this store` }, `${part} of it`)
  }
})

t.test('a file that lacks only free pages is no damaged one', async (t) => {
  const folder = newFolder()
  const file = join(folder, 'data.mdb')
  const store = await openLmdbStore(folder, model)
  const fields = { ...LANGUAGE, contribution: '\u{1F600}'.repeat(2000) }
  for (let i = 0; i < 300; i++) await store.create({ ...fields, name: `${i}` })
  // More and more pages are taken and freed in one transaction, until some of them are behind all others.
  for (let count = 1, id = 300; statSync(file).size >= sizeByItself(file); id += count++) {
    const creates = Array.from({ length: count }, () => store.create(fields))
    await Promise.all([...creates, ...creates.map((_, i) => store.delete(id + i, () => {}))])
  }
  await store.close()
  const again = await open(t, folder)
  t.equal((await idsOf(again, ALL)).length, 300)
})

/** How large a data file should be by what it says of itself. */
function sizeByItself (path: string): number {
  const bytes = readFileSync(path)
  return (1 + Math.max(...[0, 4096].map((page) => Number(bytes.readBigUInt64LE(page + 144))))) * 4096
}

t.test('a write that cannot be made is the fault of the store', async (t) => {
  const store = await openLmdbStore(newFolder(), model)
  await store.close()
  await t.rejects(async () => await store.create(LANGUAGE), StoreUnavailable)
})
