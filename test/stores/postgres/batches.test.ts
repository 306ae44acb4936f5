import { Type } from '@sinclair/typebox'
import pg from 'pg'
import t, { type Test } from 'tap'
import { model, toModel } from '../../../app.js'
import { defineResource, type Fields, type Resource } from '../../../schemas/resource.js'
import { openPostgresStore } from '../../../stores/open.js'
import { Duplicate, StoreUnavailable, type Entry, type Id, type Model, type Store } from '../../../stores/store.js'
import { LANGUAGE } from '../../build.js'
import { openDatabases, runSql, startProxy } from '../../postgres.js'

const { fresh } = await openDatabases(t)

async function open (t: Test, url: string, of: Model = model): Promise<Store> {
  const store = await openPostgresStore(url, of)
  t.teardown(() => store.close())
  return store
}

/** A person in a transaction. */
async function begin (t: Test, url: string, sql: string): Promise<pg.Client> {
  const person = new pg.Client(url)
  await person.connect()
  t.teardown(() => person.end())
  await person.query(`begin; ${sql}`)
  return person
}

/** A store behind a proxy, and what it has sent. */
async function openWatched (t: Test, url: string, pass: (sent: string) => boolean | string = () => true, of: Model = model) {
  const sent: string[] = []
  const store = await open(t, await startProxy(t, url, (text) => {
    sent.push(text)
    return pass(text)
  }), of)
  return { store, sent }
}

const years = (count: number) => Array.from({ length: count }, (_, i) => ({ ...LANGUAGE, publication_year: 1000 + i }))

t.test('what comes while a round trip is under way shares the next', async (t) => {
  const { store, sent } = await openWatched(t, await fresh())
  const created = await Promise.all(years(250).map(async (fields) => await store.create(fields)))
  t.same(created, years(250).map((fields, i) => model.represent({ id: created[i]?.id, ...fields })))
  t.same(created.map(({ id }) => Number(id)).sort((a, b) => a - b), created.map((_, i) => i))
  // One batch, unless the machine is so slow that there is a second connection.
  t.ok(sent.length < 60, `${sent.length}`)

  sent.length = 0
  const byId = new Map(created.map((entry) => [entry.id, entry]))
  const ids = Array.from({ length: 500 }, (_, i) => i * 7 % 300)
  t.same(await Promise.all(ids.map((id) => store.get(id))), ids.map((id) => byId.get(id)), 'the same, others and missing ones')
  t.ok(sent.length < 20, `${sent.length}`)
  t.same(await Promise.all([-1, 2 ** 53 - 1, 0].map((id) => store.get(id))), [undefined, undefined, byId.get(0)])
})

const guest = toModel(defineResource({
  name: 'guest',
  plural: 'guests',
  description: 'Of an own key',
  id: ['name'],
  unique: [['seat']],
  properties: { name: Type.String({ maxLength: 20 }), seat: Type.Integer({ minimum: 0, maximum: 1000 }), note: Type.Optional(Type.String({ maxLength: 20 })) }
}) as Resource)

const COUNT = 6

/** Creates some at once, of which the first is alone and the others come while it is under way, and tells what became of each. */
async function createAll (store: Store, all: readonly Fields[]): Promise<(Entry | Error)[]> {
  return Promise.all(all.map(async (fields) => await store.create(fields)).map((creation) => creation.catch((error: Error) => error)))
}

/** A name that nobody had. */
let last = 0
const guests = (count: number): Fields[] => Array.from({ length: count }, () => ({ name: `guest ${++last}`, seat: last }))

t.test('one that fails, in whatever place, fails alone', async (t) => {
  const url = await fresh()
  const store = await open(t, url, guest)
  await store.create({ name: 'first', seat: 0 })
  await runSql(url, "alter table guests add constraint nobody check (note <> 'nobody')")
  const BAD: Record<string, [fields: Fields, error: object]> = {
    'its key is there': [{ name: 'first', seat: 999 }, new Duplicate(['name'], 'first')],
    'its seat is taken': [{ name: 'other', seat: 0 }, new Duplicate(['seat'])],
    'somebody has forbidden it': [{ name: 'other', seat: 999, note: 'nobody' }, { code: '23514', constraint: 'nobody' }],
    'no text of the database has it': [{ name: 'other', seat: 999, note: '\0' }, { code: '22021' }],
    'it is too large': [{ name: 'other', seat: 2 ** 40 }, { code: '22003' }]
  }
  for (const [name, [bad, error]] of Object.entries(BAD)) {
    for (let place = 0; place < COUNT; place++) {
      const all = guests(COUNT).with(place, bad)
      const made = await createAll(store, all)
      t.match(made[place], error, name)
      t.same(made.filter((_, i) => i !== place), all.filter((_, i) => i !== place).map(guest.represent), `${name}: the others`)
      t.same(await Promise.all(all.map(({ name }) => store.get(String(name)))), all.map((fields, i) => i === place ? bad.name === 'first' ? guest.represent({ name: 'first', seat: 0 }) : undefined : guest.represent(fields)))
    }
  }
  const twice = guests(1).flatMap((one) => [...guests(2), one, one])
  const made = await createAll(store, twice)
  t.equal(made.filter((one) => one instanceof Duplicate).length, 1, 'the same twice')
  t.same(made.filter((one) => !(one instanceof Error)), twice.slice(0, 3).map(guest.represent))
  const refuse = async () => await store.create(() => { throw new Error('no') })
  const [refused, ...others] = await Promise.allSettled([refuse(), ...guests(3).map(async (fields) => await store.create(fields))])
  t.match(refused, { reason: { message: 'no' } })
  t.ok(others.every(({ status }) => status === 'fulfilled'))
  const odd = ['first', 'fi\0rst', "'", 'nobody']
  const found = await Promise.allSettled(odd.map(async (id) => await store.get(id)))
  t.match(found.map((one) => one.status === 'fulfilled' ? one.value?.id : one.reason), ['first', { code: '22021' }, undefined, undefined])
})

t.test('one that meets a lock waits alone', async (t) => {
  const url = await fresh({ lock_timeout: '1500' })
  const store = await open(t, url, guest)
  const person = await begin(t, url, "insert into guests values ('blocked', 0), ('free', 2000 - 1000)")
  for (const place of [0, 1, COUNT - 1]) {
    const done: unknown[] = []
    const all = guests(COUNT).with(place, { name: 'other', seat: 0 })
    await Promise.all(all.map(async (fields) => done.push((await createAll(store, [fields])).map((one) => one instanceof Error ? one : one.id)[0])))
    t.same(done.slice(0, -1).sort(), all.filter((_, i) => i !== place).map(({ name }) => name).sort(), 'the others are done first')
    t.type(done.at(-1), StoreUnavailable)
  }
  const waiting = createAll(store, [...guests(2), { name: 'free', seat: 999 }])
  await store.create(guests(1)[0] ?? {})
  await person.query('commit')
  t.same((await waiting).map((one) => one instanceof Duplicate), [false, false, true])
})

t.test('a row that a trigger leaves out is missed by its request alone', async (t) => {
  const url = await fresh()
  const store = await open(t, url)
  await runSql(url, `create function skip () returns trigger language plpgsql as 'begin return case when new.name = ''skip'' then null else new end; end';
    create trigger skip before insert on programming_languages for each row execute function skip()`)
  const made = await createAll(store, years(COUNT).with(2, { ...LANGUAGE, name: 'skip' }))
  t.same(made.map((one) => one instanceof Error ? 'none' : one.item.publication_year), [1000, 1001, 'none', 1003, 1004, 1005])
})

t.test('what may have happened is not tried again', async (t) => {
  const url = await fresh({ query_timeout: '200' })
  for (const answer of [false, 'terminating connection']) {
    const { store, sent } = await openWatched(t, url, (text) => text.includes('merge into') ? answer : true)
    const made = await createAll(store, years(COUNT))
    t.same(made.map((one) => one instanceof StoreUnavailable), [false, true, true, true, true, true])
    t.equal(sent.filter((text) => text.includes('insert into "programming_languages"')).length, 1)
    t.equal(sent.filter((text) => text.includes('merge into')).length, 1)
  }
})

t.test('more than one table', async (t) => {
  const url = await fresh()
  const stores = await Promise.all([open(t, url), open(t, url, guest)])
  const [made, other] = await Promise.all([createAll(stores[0], years(COUNT)), createAll(stores[1], guests(COUNT))])
  t.ok([...made, ...other].every((one) => !(one instanceof Error)))
})

/** A change of a record, of which the first that is made alone keeps the others waiting, so that they are made together. */
type Change = (store: Store) => Promise<unknown>

const renote = (name: string, note: string): Change => async (store) => await store.update(name, ({ item }) => ({ ...item, note }))
const settle = (change: Promise<unknown>) => change.catch((error: Error) => error)

t.test('changes of several records share their round trips', async (t) => {
  const url = await fresh()
  const { store, sent } = await openWatched(t, url, undefined, guest)
  const all = guests(120)
  await createAll(store, all)
  sent.length = 0
  const noted = await Promise.all(all.map(({ name }, i) => renote(String(name), `${i}`)(store)))
  t.same(noted, all.map((fields, i) => guest.represent({ ...fields, note: `${i}` })))
  const put = await Promise.all(all.map(async (fields) => await store.put(String(fields.name), () => fields)))
  t.same(put, all.map(guest.represent), 'without a note')
  const gone = await Promise.all(all.map(async ({ name }) => await store.delete(String(name), () => {})))
  t.ok(gone.every((is) => is))
  t.ok(sent.length < 120, `${sent.length}`)
  t.same((await store.list({ where: [], order: [], limit: 9 })).entries, [])
  t.same(await Promise.all(all.map(async ({ name }) => await store.delete(String(name), () => {}))), all.map(() => false))
})

t.test('of one record, each change finds what the one before it has left, in one server and in two', async (t) => {
  const url = await fresh()
  const stores = await Promise.all([open(t, url, guest), open(t, url, guest)])
  const all = guests(20)
  await createAll(stores[0], all)
  const increment = (item: Fields) => ({ ...item, note: String(Number(item.note ?? 0) + 1) })
  // In opposite orders: whoever waited for the other while it keeps what that one waits for would wait for ever.
  await Promise.all([...all, ...all, ...all].flatMap(({ name }, i, { length }) => [
    stores[0].update(String(name), ({ item }) => increment(item)),
    stores[1].update(String(all[(length - 1 - i) % all.length]?.name), ({ item }) => increment(item))
  ]))
  t.same(await Promise.all(all.map(async ({ name }) => (await stores[0].get(String(name)))?.item.note)), all.map(() => '6'))
})

t.test('a change that fails, in whatever place, fails alone', async (t) => {
  const url = await fresh()
  const store = await open(t, url, guest)
  await store.create({ name: 'zero', seat: 0 })
  await runSql(url, "alter table guests add constraint nobody check (note <> 'nobody')")
  const BAD: Record<string, [change: (name: string) => Change, outcome: unknown]> = {
    'it is refused': [(name) => async (store) => await store.update(name, () => { throw new Error('no') }), { message: 'no' }],
    'its deletion is refused': [(name) => async (store) => await store.delete(name, () => { throw new Error('no') }), { message: 'no' }],
    'its replacement is refused': [(name) => async (store) => await store.put(name, () => { throw new Error('no') }), { message: 'no' }],
    'it is not there': [() => renote('nowhere', 'no'), undefined],
    'there is none to delete': [() => async (store) => await store.delete('nowhere', () => {}), false],
    'its seat is taken': [(name) => async (store) => await store.update(name, ({ item }) => ({ ...item, seat: 0 })), new Duplicate(['seat'])],
    'somebody has forbidden it': [(name) => renote(name, 'nobody'), { code: '23514', constraint: 'nobody' }],
    'no text of the database has it': [(name) => renote(name, '\0'), { code: '22021' }],
    'no text has its id': [() => renote('fi\0rst', 'no'), { code: '22021' }]
  }
  for (const [what, [bad, outcome]] of Object.entries(BAD)) {
    for (let place = 0; place < COUNT; place++) {
      const all = guests(COUNT)
      await createAll(store, all)
      const kept = all.map(({ name }, i) => i === place ? bad(String(name)) : i % 3 === 0 ? async (store: Store) => await store.delete(String(name), () => {}) : renote(String(name), 'noted'))
      const done = await Promise.all(kept.map((change) => settle(change(store))))
      t.match([done[place]], [outcome], what)
      const wanted = all.map((fields, i) => i === place ? guest.represent(fields) : i % 3 === 0 ? undefined : guest.represent({ ...fields, note: 'noted' }))
      t.same(done.filter((_, i) => i !== place), wanted.map((entry) => entry ?? true).filter((_, i) => i !== place), `${what}: the others`)
      t.same(await Promise.all(all.map(async ({ name }) => await store.get(String(name)))), wanted, `${what}: what is there`)
    }
  }
  const created = store.put('new', () => ({ name: 'new', seat: 999 }))
  const [entry, ...others] = await Promise.all([created, ...(await createAll(store, guests(3))).map((one) => renote('id' in one ? String(one.id) : '', 'with a new one')(store))])
  t.match([entry, ...others], [{ id: 'new' }, {}, {}, {}], 'one that a PUT makes')
})

t.test('a change that meets a lock waits alone', async (t) => {
  const url = await fresh({ lock_timeout: '1500' })
  const store = await open(t, url, guest)
  await createAll(store, [{ name: 'locked', seat: 0 }])
  const person = await begin(t, url, "update guests set note = 'mine' where name = 'locked'")
  for (const place of [0, 1, COUNT - 1]) {
    const done: unknown[] = []
    const all = guests(COUNT)
    await createAll(store, all)
    const names = all.map(({ name }) => String(name)).with(place, 'locked')
    await Promise.all(names.map(async (name) => done.push(await settle(renote(name, 'theirs')(store).then(() => name)))))
    t.same(done.slice(0, -1).sort(), names.filter((_, i) => i !== place).sort(), 'the others are done first')
    t.type(done.at(-1), StoreUnavailable)
  }
  const waiting = Promise.all([...await createAll(store, guests(2)), { id: 'locked' }].map((one) => store.update('id' in one ? String(one.id) : '', ({ item }) => ({ ...item, note: `${item.note ?? 'none'}, then theirs` }))))
  await createAll(store, guests(1))
  await person.query('commit')
  t.match(await waiting, [{ item: { note: 'none, then theirs' } }, { item: { note: 'none, then theirs' } }, { item: { note: 'mine, then theirs' } }])
})

t.test('a row that a trigger leaves as it was is missed by its request alone', async (t) => {
  const url = await fresh()
  const store = await open(t, url, guest)
  await runSql(url, `create function leave () returns trigger language plpgsql as 'begin return case when new.note = ''leave'' then null else new end; end';
    create trigger leave before update on guests for each row execute function leave()`)
  const all = guests(COUNT)
  await createAll(store, all)
  const done = await Promise.all(all.map(({ name }, i) => settle(renote(String(name), i === 2 ? 'leave' : 'change')(store))))
  t.same(done.map((one) => one instanceof Error), all.map((_, i) => i === 2))
})

t.test('a change that may have happened is not made again', async (t) => {
  const url = await fresh({ query_timeout: '200' })
  await (await open(t, url, guest)).seed(guests(0))
  for (const answer of [false, 'terminating connection']) {
    let isTogether = false
    const { store, sent } = await openWatched(t, url, (text) => {
      isTogether ||= text.includes('skip locked')
      return isTogether && text.includes('commit') ? answer : true
    }, guest)
    const all = guests(COUNT)
    await createAll(store, all)
    const done = await Promise.all(all.map(({ name }) => settle(renote(String(name), 'once')(store))))
    t.same(done.map((one) => one instanceof StoreUnavailable), [false, true, true, true, true, true])
    t.equal(sent.filter((text) => text.includes('for update') && !text.includes('skip locked')).length, 1)
    t.equal(sent.filter((text) => text.includes('skip locked')).length, 1)
  }
})

t.test('where MERGE does not say what it has made, as before version 17, each create goes alone', async (t) => {
  const sent: string[] = []
  // It asks another version of this server than it would ask.
  const store = await open(t, await startProxy(t, await fresh(), (text) => {
    sent.push(text)
    return text.includes('>= 170000') ? Buffer.from(text.replace('>= 170000', '>= 990000'), 'latin1') : true
  }))
  const made = await createAll(store, years(COUNT))
  t.match(made, years(COUNT).map((item) => ({ item })))
  t.notOk(sent.some((text) => text.includes('merge into')))
})

const box = toModel(defineResource({
  name: 'box',
  plural: 'boxes',
  description: 'May be large',
  properties: { label: Type.String({ maxLength: 1_000_000 }), shape: Type.Optional(Type.Object({ width: Type.Number() }, { additionalProperties: false })) }
}) as Resource)

t.test('a row that somebody has made no record of is missed by its request alone', async (t) => {
  const url = await fresh()
  const store = await open(t, url, box)
  await runSql(url, `create function spoil () returns trigger language plpgsql as
      'begin if new.label = ''spoil'' then new.shape = ''{"width":"wide"}''; end if; return new; end';
    create trigger spoil before insert or update on boxes for each row execute function spoil()`)
  const labels = Array.from({ length: COUNT }, (_, i) => i === 2 ? 'spoil' : `${i}`)
  const made = await createAll(store, labels.map((label) => ({ label })))
  t.same(made.map((one) => one instanceof Error), labels.map((label) => label === 'spoil'))
  const all = await createAll(store, labels.map((_, i) => ({ label: `a${i}` })))
  const done = await Promise.all(all.map((one, i) => settle((async () => await store.update('id' in one ? one.id : 0, () => ({ label: labels[i] })))())))
  t.same(done.map((one) => one instanceof Error), labels.map((label) => label === 'spoil'))
})

t.test('large records travel in small batches', async (t) => {
  const { store, sent } = await openWatched(t, await fresh(), () => true, box)
  const label = 'x'.repeat(900_000)
  const ids: Id[] = []
  for (let i = 0; i < 3; i++) ids.push((await store.create({ label })).id)
  const changed = await Promise.all(Array.from({ length: 12 }, async () => (await store.create({ label })).id))
  sent.length = 0
  const seen = await Promise.all([...ids, ...changed].map(async (id) => await store.get(id)))
  t.ok(seen.every((entry) => entry?.item.label === label))
  t.ok(sent.length >= 4, `${sent.length}`)
  sent.length = 0
  await Promise.all(changed.map(async (id) => await store.update(id, ({ item }) => ({ ...item, shape: { width: 1 } }))))
  t.ok(sent.filter((text) => text.includes('skip locked') || text.includes('commit')).length >= 4, `${sent.length}`)
})

t.test('views of a table that is locked wait no longer than each would alone', async (t) => {
  const url = await fresh({ lock_timeout: '2000' })
  const store = await open(t, url, guest)
  await begin(t, url, 'lock table guests')
  const started = performance.now()
  const seen = await Promise.allSettled(Array.from({ length: COUNT }, async (_, i) => await store.get(`${i}`)))
  t.ok(seen.every((one) => one.status === 'rejected' && one.reason instanceof StoreUnavailable))
  t.ok(performance.now() - started < 3500, 'not twice as long')
})

t.test('a deletion that meets a lock of another table waits alone', async (t) => {
  const url = await fresh({ lock_timeout: '1500' })
  const store = await open(t, url, guest)
  const all = guests(COUNT)
  await createAll(store, all)
  await runSql(url, 'create table bags (owner text collate "C" references guests on delete cascade)')
  await runSql(url, 'insert into bags values ($1)', [all[2]?.name])
  await begin(t, url, 'select from bags for update')
  const done: unknown[] = []
  await Promise.all(all.map(async ({ name }) => done.push(await settle((async () => { await store.delete(String(name), () => {}); return name })()))))
  t.same(done.slice(0, -1).sort(), all.filter((_, i) => i !== 2).map(({ name }) => name).sort())
  t.type(done.at(-1), StoreUnavailable)
})
