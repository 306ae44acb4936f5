import { hash } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import { model, openStore, type Query, type Slice } from '../../app.js'
import { build, call, LANGUAGE, pages } from '../build.js'

const LIST = '/programming_languages'

const idsOf = (languages: Record<string, unknown>[]) => languages.map(({ id }) => id)

t.test('filters', async (t) => {
  const app = build(t)
  const CASES: [string, number[]][] = [
    ['', [0, 1, 2, 3, 4, 5, 6, 7]],
    ['before_year=1965', [0, 1, 2, 3]],
    ['after_year=1967', [6, 7]],
    ['before_year=1967&after_year=1960', [2, 3, 4]],
    ['after_year=1967&before_year=1967', []],
    ['before_year=-5', []],
    ['before_year=40000', [0, 1, 2, 3, 4, 5, 6, 7]],
    ['name=PL/I', [4]],
    ['name=PL%2FI', [4]],
    ['name=pl/i', []],
    ['name=COBOL&after_year=1960', []],
    ['&name=APL&', [2]]
  ]
  for (const [query, ids] of CASES) t.same(idsOf((await call(app, `GET ${LIST}?${query}`)).body.programming_languages), ids, query)
})

t.test('a plus sign in a query is a space', async (t) => {
  const app = build(t)
  await call(app, `POST ${LIST}`, { body: LANGUAGE })
  for (const name of ['Simula+67', 'Simula%2067']) {
    t.same(idsOf((await call(app, `GET ${LIST}?name=${name}`)).body.programming_languages), [8], name)
  }
})

t.test('sort', async (t) => {
  const app = build(t)
  await call(app, `POST ${LIST}`, { body: { ...LANGUAGE, name: 'Algol', publication_year: 1958 } })
  const CASES: [string, number[]][] = [
    ['id', [0, 1, 2, 3, 4, 5, 6, 7, 8]],
    ['-id', [8, 7, 6, 5, 4, 3, 2, 1, 0]],
    ['name', [1, 2, 8, 3, 7, 0, 4, 6, 5]],
    ['-name', [5, 6, 4, 0, 7, 3, 8, 2, 1]],
    ['publication_year', [1, 8, 0, 2, 3, 4, 5, 6, 7]],
    ['-publication_year', [7, 6, 5, 4, 3, 2, 0, 1, 8]],
    ['publication_year,-id', [8, 1, 0, 2, 3, 4, 5, 6, 7]],
    ['publication_year,-name', [8, 1, 0, 2, 3, 4, 5, 6, 7]],
    ['-publication_year,name', [7, 6, 5, 4, 3, 2, 0, 1, 8]],
    ['publication_year,id,-name', [1, 8, 0, 2, 3, 4, 5, 6, 7]],
    ['contribution', [2, 5, 8, 4, 7, 6, 0, 3, 1]]
  ]
  for (const [sort, ids] of CASES) {
    t.same(idsOf((await call(app, `GET ${LIST}?sort=${sort}`)).body.programming_languages), ids, sort)
    for (const limit of [1, 2, 3]) {
      t.same(idsOf((await pages(app, `${LIST}?sort=${sort}&limit=${limit}`)).flat()), ids, `${sort}, ${limit} a page`)
    }
  }
})

t.test('text is ordered by Unicode code point', async (t) => {
  const app = build(t, { records: [] })
  const names = ['\u{1F600}', '\uFFFD', 'z', 'Z', 'é', 'a', '\uD7FF', 'ab', '\u{10FFFF}', '\u{1F600}a']
  for (const name of names) await call(app, `POST ${LIST}`, { body: { ...LANGUAGE, name } })
  const sorted = (await call(app, `GET ${LIST}?sort=name`)).body.programming_languages.map(({ name }: { name: string }) => name)
  t.same(sorted, ['Z', 'a', 'ab', 'z', 'é', '\uD7FF', '\uFFFD', '\u{1F600}', '\u{1F600}a', '\u{10FFFF}'])
})

t.test('pages', async (t) => {
  const app = build(t)
  const first = await call(app, `GET ${LIST}?before_year=1970&sort=-publication_year,name&limit=4`)
  t.same(idsOf(first.body.programming_languages), [5, 4, 3, 2])
  t.equal(first.headers.link, `<${first.body.next}>; rel="next"`)
  const next = new URL(first.body.next, 'http://x')
  t.match(Object.fromEntries(next.searchParams), { before_year: '1970', sort: '-publication_year,name', limit: '4', cursor: /^[\w-]+$/ })
  const second = await call(app, `GET ${first.body.next}`)
  t.same(idsOf(second.body.programming_languages), [0, 1])
  t.notOk('next' in second.body)
  t.notOk('link' in second.headers)
})

t.test('a page that is just full is the last', async (t) => {
  const { body } = await call(build(t), `GET ${LIST}?limit=8`)
  t.notOk('next' in body)
  t.equal(body.programming_languages.length, 8)
})

t.test('a page has 100 languages by default, and 1000 at most', async (t) => {
  const app = build(t, { records: Array.from({ length: 1200 }, () => LANGUAGE) })
  t.same((await pages(app, LIST)).map(({ length }) => length), Array.from({ length: 12 }, () => 100))
  t.same((await pages(app, `${LIST}?limit=1000`)).map(({ length }) => length), [1000, 200])
})

t.test('what a store has found for a page is let go with it', async (t) => {
  const store = await openStore('memory:', model)
  t.teardown(() => store.close())
  const found: Slice[] = []
  const list = async (query: Query) => {
    const slice = await store.list(query)
    found.push(slice)
    return slice
  }
  const { body } = await call(build(t, { store: { ...store, list } }), `GET ${LIST}`)
  t.equal(body.programming_languages.length, 8)
  t.same(found, [{ entries: [], more: false }])
})

t.test('parameters that break a rule', async (t) => {
  const app = build(t)
  const CASES: [string, string[]][] = [
    ['before_year=a', ['before_year']],
    ['before_year=', ['before_year']],
    ['before_year=1e3&after_year=0x1', ['before_year', 'after_year']],
    ['before_year=19.5', ['before_year']],
    ['before_year=01965', ['before_year']],
    ['before_year=9007199254740993', ['before_year']],
    ['before_year=1960&before_year=1970', ['before_year']],
    ['name=a&name=b&name=c', ['name']],
    ['name=', ['name']],
    ['name=%20', ['name']],
    ['name=%00', ['name']],
    ['name=%ED%A0%80', ['name']],
    ['name=%', ['name']],
    ['%zz=1', ['%zz']],
    ['limit=0', ['limit']],
    ['limit=1001', ['limit']],
    ['limit=-1', ['limit']],
    ['sort=', ['sort']],
    ['sort=year', ['sort']],
    ['sort=name,', ['sort']],
    ['sort=--name', ['sort']],
    ['foo=1&bar', ['foo', 'bar']],
    ['__proto__=1', ['__proto__']],
    ['constructor=1', ['constructor']],
    ['limit[]=1', ['limit[]']],
    ['cursor=', ['cursor']],
    ['cursor=abc', ['cursor']],
    ['cursor=%F0%9F%98%80', ['cursor']],
    ['cursor=abc&limit=0&x=1', ['x', 'limit', 'cursor']],
    ['cursor=abc&sort=none', ['sort', 'cursor']],
    ['cursor=abc&cursor=abc', ['cursor']],
    ['cursor=abc&sort=id&sort=id', ['sort']]
  ]
  for (const [query, parameters] of CASES) {
    const { status, body } = await call(app, `GET ${LIST}?${query}`)
    t.equal(status, 400, query)
    t.same(body.errors.map((error: Record<string, unknown>) => [error.in, error.parameter]), parameters.map((name) => ['query', name]), query)
  }
  t.match((await call(app, `GET ${LIST}?limit=1&limit=1`)).body.errors, [{ detail: 'must be given only once' }])
})

t.test('a parameter that is repeated very often is refused quickly', async (t) => {
  const app = build(t)
  await app.ready()
  const started = performance.now()
  t.equal((await call(app, `GET ${LIST}?${'a&'.repeat(15_000)}`)).status, 400)
  t.ok(performance.now() - started < 5000)
})

t.test('of a property that is repeated in sort, the first mention holds', async (t) => {
  const app = build(t)
  const { body } = await call(app, `GET ${LIST}?limit=3&sort=${'-name,'.repeat(1000)}name`)
  t.same(idsOf(body.programming_languages), [5, 6, 4])
  t.equal(new URL(body.next, 'http://x').searchParams.get('cursor'),
    new URL((await call(app, `GET ${LIST}?limit=3&sort=-name`)).body.next, 'http://x').searchParams.get('cursor'))
})

t.test('no other operation has query parameters', async (t) => {
  const app = build(t)
  const REQUESTS = [`POST ${LIST}`, `GET ${LIST}/0`, `HEAD ${LIST}/0`, `PUT ${LIST}/0`, `PATCH ${LIST}/0`, `DELETE ${LIST}/0`, 'GET /health', 'GET /openapi.json']
  for (const request of REQUESTS) {
    const body = /^P/.test(request) ? LANGUAGE : undefined
    t.equal((await call(app, `${request}?limit=1`, { body })).status, 400, request)
    if (request !== `DELETE ${LIST}/0`) t.ok((await call(app, `${request}?`, { body })).status < 300, request)
  }
})

t.test('a cursor is for one order, and cannot be forged', async (t) => {
  const app = build(t)
  const cursorOf = async (query: string) =>
    new URL((await call(app, `GET ${LIST}?${query}`)).body.next, 'http://x').searchParams.get('cursor') ?? ''
  const byId = await cursorOf('limit=2')
  const byName = await cursorOf('limit=2&sort=name')
  t.equal((await call(app, `GET ${LIST}?cursor=${byId}`)).status, 200)
  t.equal((await call(app, `GET ${LIST}?cursor=${byId}&sort=id`)).status, 200, 'the same order in other words')
  t.equal((await call(app, `GET ${LIST}?cursor=${byId}&before_year=1960`)).status, 200, 'other filters')
  for (const query of [`cursor=${byName}`, `cursor=${byId}&sort=name`, `cursor=${byName}&sort=-name`, `cursor=${byName}&sort=name,publication_year`]) {
    t.equal((await call(app, `GET ${LIST}?${query}`)).status, 400, query)
  }
  await fc.assert(fc.asyncProperty(fc.nat(byName.length - 1), fc.constantFrom(...'Aa0-_'), async (at, character) => {
    const forged = byName.slice(0, at) + character + byName.slice(at + 1)
    const { status } = await call(app, `GET ${LIST}?sort=name&cursor=${forged}`)
    t.equal(status, forged === byName ? 200 : 400, forged)
  }))
  for (const forged of [byName + 'A', byName + '=', byName.slice(0, -1), byName.slice(1)]) {
    t.equal((await call(app, `GET ${LIST}?sort=name&cursor=${forged}`)).status, 400, forged)
  }
})

t.test('a cursor with a seal that a client has computed is judged by what it holds', async (t) => {
  const app = build(t)
  const ask = async (property: string, content: string) => {
    const order = [...new Set([property, 'id'])].map((property) => ({ property, descending: false }))
    const cursor = hash('sha256', `${JSON.stringify(order)}\n${content}`, 'base64url').slice(0, 12) + Buffer.from(content).toString('base64url')
    return (await call(app, `GET ${LIST}?sort=${property}&cursor=${cursor}`)).status
  }
  for (const [property, content] of [['id', 'n3'], ['publication_year', 'n1960\0n3'], ['publication_year', `n${2 ** 63}\0n3`], ['publication_year', 'n1e+300\0n-3'], ['publication_year', 'n-1e+300\0n3'], ['name', 'tx\0n3']] as const) {
    t.equal(await ask(property, content), 200, JSON.stringify(content))
  }
  for (const [property, content] of [
    ['id', 'nNaN'], ['id', 't3'], ['id', 'n3.5'], ['id', ''], ['id', 'n3\0n4'], ['id', 'nInfinity'],
    ['publication_year', 'tx\0n3'], ['publication_year', 'nNaN\0n3'], ['publication_year', 'n19.5\0n3'], ['publication_year', 'n1960\0nNaN'],
    ['name', 'n5\0n3'], ['name', 'tx\0ty'], ['name', 'tx']
  ] as const) t.equal(await ask(property, content), 400, JSON.stringify(content))
})

t.test('filters that contradict each other, or the cursor, leave nothing', async (t) => {
  const app = build(t)
  const { body: { next } } = await call(app, `GET ${LIST}?sort=name&limit=4`)
  for (const path of [`${LIST}?after_year=1970&before_year=1960&sort=name`, `${LIST}?after_year=1967&before_year=1967`, `${next}&name=ALGOL`]) {
    t.same((await call(app, `GET ${path}`)).body, { programming_languages: [] })
  }
  t.same(idsOf((await call(app, `GET ${next}&name=Pascal`)).body.programming_languages), [6])
})

t.test('a cursor can hold the longest text', async (t) => {
  const long = { name: '\u{1F600}'.repeat(200), publication_year: 1, contribution: '\u0001'.repeat(1000) + '\u{1F600}'.repeat(1000) }
  const app = build(t, { records: [long, long, long] })
  const found = await pages(app, `${LIST}?sort=name,-contribution&limit=1`)
  t.same(idsOf(found.flat()), [0, 1, 2])
})

t.test('whoever follows next sees every language that stays exactly once', async (t) => {
  for (const sort of ['id', '-id', 'name', '-name', 'publication_year', '-publication_year', 'publication_year,-name', 'contribution,-id']) {
    const app = build(t, { records: Array.from({ length: 300 }, (_, i) => ({ name: `n${i * 7 % 50}`, publication_year: 1950 + i % 13, contribution: `c${i % 3}` })) })
    const gone = new Set<unknown>()
    let id = 0
    const found = await pages(app, `${LIST}?limit=7&sort=${sort}`, async (number) => {
      await call(app, `POST ${LIST}`, { body: { ...LANGUAGE, name: `n${number % 50}`, publication_year: 1950 + number % 13 } })
      id = (id * 31 + 17 * number) % 300
      if ((await call(app, `DELETE ${LIST}/${id}`)).status === 204) gone.add(id)
    })
    const seen = idsOf(found.flat())
    t.equal(new Set(seen).size, seen.length, `${sort}: none twice`)
    for (let stayed = 0; stayed < 300; stayed++) {
      if (!gone.has(stayed) && !seen.includes(stayed)) t.fail(`${sort}: ${stayed} was not seen`)
    }
  }
})
