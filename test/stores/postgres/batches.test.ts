import { Type } from '@sinclair/typebox'
import pg from 'pg'
import t, { type Test } from 'tap'
import { model, toModel } from '../../../app.js'
import { defineResource, type Fields, type Resource } from '../../../schemas/resource.js'
import { openPostgresStore } from '../../../stores/open.js'
import { Duplicate, StoreUnavailable, type Entry, type Model, type Store } from '../../../stores/store.js'
import { LANGUAGE } from '../../build.js'
import { openDatabases, runSql, startProxy } from '../../postgres.js'

t.setTimeout(120_000)

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
async function openWatched (t: Test, url: string, pass: (sent: string) => boolean | string = () => true) {
  const sent: string[] = []
  const store = await open(t, await startProxy(t, url, (text) => {
    sent.push(text)
    return pass(text)
  }))
  return { store, sent }
}

const years = (count: number) => Array.from({ length: count }, (_, i) => ({ ...LANGUAGE, publication_year: 1000 + i }))

t.test('what comes while a round trip is under way shares the next', async (t) => {
  const { store, sent } = await openWatched(t, await fresh())
  const created = await Promise.all(years(250).map(async (fields) => await store.create(fields)))
  t.same(created, years(250).map((fields, id) => model.represent({ id, ...fields })), 'the ids are in the order of the requests')
  t.equal(sent.filter((text) => text.includes('"#1"')).length, 1, 'prepared once')
  t.ok(sent.length < 40, `${sent.length}`)

  sent.length = 0
  const ids = Array.from({ length: 500 }, (_, i) => i * 7 % 300)
  t.same(await Promise.all(ids.map((id) => store.get(id))), ids.map((id) => created[id]), 'the same, others and missing ones')
  t.ok(sent.length < 20, `${sent.length}`)
  t.same(await Promise.all([-1, 2 ** 53 - 1, 0].map((id) => store.get(id))), [undefined, undefined, created[0]])
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
