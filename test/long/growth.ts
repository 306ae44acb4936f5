import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { toModel } from '../../app.js'
import { openStore } from '../../stores/open.js'
import { createConnection, type Request } from '../../torture/connection.js'
import { GROWING } from '../growing.js'
import { newFolder } from '../lmdb.js'
import { openDatabases } from '../postgres.js'
import { listening, startSource } from '../program.js'

const RECORDS = 100_000
const CLIENTS = 4

type Book = Readonly<Record<string, unknown>>

const { fresh } = await openDatabases(t)

for (const [kind, make] of Object.entries({ lmdb: () => `lmdb:${newFolder()}`, postgres: () => fresh() })) {
  t.test(`${kind}: ${RECORDS} records get a newer schema, while a server of the older one serves`, async (t) => {
    const url = await make()
    await fill(url)
    const old = connect(t, await serve(t, url, 'first'))
    await old.get('/books?sort=-title&number_gte=5&limit=1')
    const clients = Array.from({ length: CLIENTS }, (_, i) => startClient(t, old.address, i))
    await pause(2000)
    report('before')

    const [store, other] = await timed('two servers of the second schema at once have started', () => Promise.all([serve(t, url, 'second'), serve(t, url, 'second')]).then((addresses) => addresses.map((address) => connect(t, address))))
    report('meanwhile')
    if (store === undefined || other === undefined) throw new Error('two were started')

    await t.test('every record is there, through servers of both schemas', async (t) => {
      for (const [name, { walk }] of Object.entries({ old, store, other })) t.same((await walk('/books?number_lt=100000')), { books: RECORDS, wrong: [] }, name)
      t.match(await store.get('/books?pages_exists=false&number_lt=100000&total=true&limit=1'), { total: RECORDS })
      report('during the walks')
      await timed('the first lists by what is new', async () => {
        t.same((await store.walk('/books?number_lt=100000&sort=-pages')), { books: RECORDS, wrong: [] })
        t.same(await store.get('/books?pages_gte=1'), { books: [] })
      })
      report('during the first lists by what is new')
    })

    await t.test('each sees what the other writes, and what only one knows stays', async (t) => {
      const { body: { id } } = await store.send('POST', '/books', { title: 'new', number: 200_000, pages: 7, shelf: 'A' })
      const path = `/books/${id}`
      t.same(await old.get(path), { id, title: 'new', number: 200_000 })
      t.same((await old.send('PATCH', path, { note: 'patched' })).body, { id, title: 'new', number: 200_000, note: 'patched' })
      const whole = { id, title: 'new', number: 200_000, note: 'patched', pages: 7, shelf: 'A' }
      for (const { get } of [store, other]) t.same(await get(path), whole)
      t.same((await old.send('PUT', path, { title: 'newer', number: 200_000 })).body, { id, title: 'newer', number: 200_000 })
      t.same(await store.get('/books?pages=7'), { books: [{ id, title: 'newer', number: 200_000, pages: 7, shelf: 'A' }] })
      t.equal((await old.send('PATCH', path, { pages: 8 })).status, 400, 'what it does not know, it does not take')
      const { body } = await old.send('POST', '/books', { title: 'old', number: 200_001 })
      t.same(await store.get(`/books/${body.id}`), { id: body.id, title: 'old', number: 200_001 })
      t.same((await store.send('PATCH', `/books/${body.id}`, { pages: 9 })).body, { id: body.id, title: 'old', number: 200_001, pages: 9 })
      t.same((await other.get('/books?sort=-pages&pages_exists=true')).books.map(({ pages }: Book) => pages), [9, 7])
      t.same(await old.get(`/books/${body.id}`), { id: body.id, title: 'old', number: 200_001 })
    })

    await t.test('a property with a default', async (t) => {
      const third = connect(t, await timed('one of the third schema has started', () => serve(t, url, 'third')))
      report('meanwhile')
      t.same((await third.walk('/books?number_lt=100000', { stars: 3 })), { books: RECORDS, wrong: [] })
      t.match(await timed('the first list by it', () => third.get('/books?stars=3&total=true&limit=1&number_lt=100000')), { total: RECORDS })
      report('meanwhile')
      const { body: { id } } = await old.send('POST', '/books', { title: 'old', number: 200_002 })
      t.same(await third.get(`/books/${id}`), { id, title: 'old', number: 200_002, stars: 3 })
      t.same((await third.send('PATCH', `/books/${id}`, { stars: 5 })).body, { id, title: 'old', number: 200_002, stars: 5 })
      t.same((await old.send('PATCH', `/books/${id}`, { note: 'n' })).body, { id, title: 'old', number: 200_002, note: 'n' })
      t.same(await third.get('/books?stars=5'), { books: [{ id, title: 'old', number: 200_002, note: 'n', stars: 5 }] })
      t.same(await other.get(`/books/${id}`), { id, title: 'old', number: 200_002, note: 'n' })
    })

    await t.test('what cannot be taken along is refused', async (t) => {
      const why = kind === 'lmdb' ? /its books were made with the unique \[\]: go back to that/ : /could not create unique index .*: change the records, or the schema, and then run alter table/
      t.match(await refusalOf(t, url, 'starred'), why)
      t.match(await refusalOf(t, url, 'demanding'), kind === 'lmdb' ? /its books lack the new property author: make it optional, or give it a default/ : /it has no column author of the type text/)
      report('meanwhile')
      if (kind === 'lmdb') {
        t.match(await refusalOf(t, url, 'numbered'), why)
        t.match(await refusalOf(t, url, 'first'), /its books have a property pages: keep it in the schema/)
        return
      }
      const numbered = connect(t, await timed('one for which numbers are unique has started', () => serve(t, url, 'numbered')))
      report('meanwhile')
      for (const { send } of [numbered, old]) t.match(await send('POST', '/books', { title: 'again', number: 5 }), { status: 409 })
    })

    const books = (await Promise.all(clients.map(({ end }) => end()))).flat()
    t.same(clients.flatMap(({ wrong }) => wrong), [], 'every answer was right')
    t.ok(clients.every(({ refused }) => refused.length < 10))
    t.ok(books.length > 100)
    for (const { get } of [old, store, other]) {
      for (const book of books.filter((_, i) => i % 20 === 0)) t.same(await get(`/books/${book.id}`), book)
      t.match(await get('/books?total=true&limit=1'), { total: RECORDS + books.length + 3 })
    }

    /** Tells how the clients of the older server fared since the last report. */
    function report (when: string): void {
      const times = clients.map(({ take }) => take())
      const sum = (of: 'count' | 'refused') => times.reduce((sum, one) => sum + one[of], 0)
      t.comment(`${when}: ${sum('count')} answers of the older server, ${sum('refused')} of them 503, the longest after ${Math.round(Math.max(...times.map(({ longest }) => longest)))} ms`)
    }

    async function timed<T> (what: string, work: () => Promise<T>): Promise<T> {
      const begun = performance.now()
      const result = await work()
      t.comment(`${what}: ${Math.round(performance.now() - begun)} ms`)
      return result
    }
  })
}

/** The record that there is from the beginning. */
const bookOf = (i: number): Book => ({ title: `Book ${i}`, number: i, ...i % 3 === 0 && { note: `note ${i}` } })

/** Writes the records with the first schema. */
async function fill (url: string): Promise<void> {
  const store = await openStore(url, toModel(GROWING.first))
  await store.seed(Array.from({ length: RECORDS }, (_, i) => bookOf(i)))
  await store.close()
}

/** Starts a server with one of the schemas, and gives its address. */
async function serve (t: Test, url: string, schema: keyof typeof GROWING): Promise<string> {
  const { program, output, closed } = startSource(t, 'test/growing-program.ts', { STORE: url, GROWTH: schema })
  return await Promise.race([listening(program, output), closed.then(() => { throw new Error(output.err) })])
}

/** The line by which a server with one of the schemas says that it does not start. */
async function refusalOf (t: Test, url: string, schema: keyof typeof GROWING): Promise<string> {
  const { output, closed } = startSource(t, 'test/growing-program.ts', { STORE: url, GROWTH: schema })
  const [code] = await closed
  return code === 1 ? output.err : `it ended with ${code}`
}

/** A client of a server. */
function connect (t: Test, address: string) {
  const connection = createConnection(address)
  t.teardown(() => connection.close())

  const send = async (method: string, path: string, body?: unknown, headers: Request['headers'] = {}) => {
    const { text, ...answer } = await connection.send({ method, path, body, headers })
    return { ...answer, body: text === '' ? undefined : JSON.parse(text) }
  }
  const get = async (path: string) => (await send('GET', path)).body

  /** Follows a list of all the records from the beginning, and tells how many there are, and which are wrong or there twice. */
  async function walk (path: string, more: Book = {}) {
    const seen = new Set<unknown>()
    const wrong: Book[] = []
    for (let next: string | undefined = `${path}&limit=1000`; next !== undefined;) {
      const page: { books: Book[], next?: string } = await get(next)
      for (const book of page.books) {
        const { id } = book
        if (seen.has(id) || JSON.stringify(book) !== JSON.stringify({ id, ...bookOf(Number(id)), ...more })) wrong.push(book)
        seen.add(id)
      }
      next = page.next
    }
    return { books: seen.size, wrong }
  }

  return { address, send, get, walk }
}

/** A steady client of a server of the first schema, which makes, reads, changes and deletes records, and expects each answer to be right. */
function startClient (t: Test, address: string, client: number) {
  const { send } = connect(t, address)
  const wrong: string[] = []
  const refused: number[] = []
  const books: Book[] = []
  let times = { count: 0, refused: 0, longest: 0 }
  let ended = false
  const running = run()

  return {
    wrong,
    refused,
    /** How it fared since it was last asked. */
    take () {
      const taken = times
      times = { count: 0, refused: 0, longest: 0 }
      return taken
    },
    /** Ends it, and gives its records as they are to be. */
    async end () {
      ended = true
      await running
      return books
    }
  }

  async function run (): Promise<void> {
    for (let n = 0; ; n++) {
      if (ended) return
      const book = { title: `by client ${client}, ${n}`, number: (client + 1) * 1_000_000 + n }
      const { id } = await expect(201, 'POST', '/books', (made) => ({ id: made?.id, ...book }), book)
      const path = `/books/${id}`
      await expect(200, 'GET', path, () => ({ id, ...book }))
      await expect(200, 'GET', `/books?title=${encodeURIComponent(book.title)}`, () => ({ books: [{ id, ...book }] }))
      const changed = { id, ...book, note: `note ${n}` }
      await expect(200, 'PATCH', path, () => changed, { note: `note ${n}` })
      const replaced = { id, ...book, number: book.number + 500_000 }
      if (n % 3 === 0) await expect(200, 'PUT', path, () => replaced, replaced)
      if (n % 3 === 1) await expect(204, 'DELETE', path, () => undefined)
      else books.push(n % 3 === 0 ? replaced : changed)
      await pause(5)
    }
  }

  /** Sends a request until it is answered otherwise than with 503. */
  async function expect (status: number, method: string, path: string, wanted: (found: any) => unknown, body?: unknown) {
    const headers: Request['headers'] = method === 'POST' ? { 'idempotency-key': randomUUID() } : {}
    while (true) {
      const begun = performance.now()
      const answer = await send(method, path, body, headers)
      times = { count: times.count + 1, refused: times.refused + Number(answer.status === 503), longest: Math.max(times.longest, performance.now() - begun) }
      if (answer.status === 503 && Number(answer.headers['retry-after']) > 0) {
        refused.push(begun)
        await pause(100)
        continue
      }
      const [found, right] = [answer.body, wanted(answer.body)].map((value) => JSON.stringify(value))
      if (answer.status !== status || found !== right) wrong.push(`${method} ${path} ${JSON.stringify(body)}: ${answer.status} ${found}, and not ${status} ${right}`)
      return answer.body
    }
  }
}
