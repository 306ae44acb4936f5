import { Type } from '@sinclair/typebox'
import t, { type Test } from 'tap'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { defineResource } from '../../schemas/resource.js'
import { programmingLanguage } from '../../schemas/programming-language.js'
import { HttpError } from '../../http/error.js'
import { buildApi, call, type Content } from '../build.js'
import { things, uuidThings } from '../resources.js'

// A resource of one's own: with every kind of property, with ids of every kind, and with every option.

const LEAST = { shelf: 'a', place: 1, label: 'x', count: 0, rank: null, at: null, note: null }
const FILLED = { open: true, genre: 'novel', tags: [] }
const PATCHES = { 'content-type': 'application/merge-patch+json' }

/** The bodies of all records of a list, page after page. */
async function all (app: FastifyInstance, path: string, plural = 'things') {
  const found: Record<string, unknown>[] = []
  for (let next: string | undefined = path; next !== undefined;) {
    const { status, body } = await call(app, `GET ${next}`)
    if (status !== 200) throw new Error(`${next}: ${JSON.stringify(body)}`)
    found.push(...body[plural])
    next = body.next
  }
  return found
}

t.test('every kind of property takes its own values, and no others', async (t) => {
  const app = await buildApi(t, { resources: [uuidThings] })
  const GOOD: Readonly<Record<string, readonly unknown[]>> = {
    shelf: ['', 'é/%2F', 'x'.repeat(100), '\u{1F600}'.repeat(100), '__proto__', ' '],
    place: [0, -1, 2 ** 53 - 1, -(2 ** 53) + 1, 1.0],
    code: ['c', undefined],
    count: [-1000, 1000],
    rank: [null, 0, -5],
    weight: [0, -1.5, 1e300, 5e-324, 1e21, 0.1, undefined],
    open: [true, false],
    lent: [true, false, undefined],
    genre: ['novel', 'essay'],
    level: [1, 2, undefined],
    day: ['0001-01-01', '2000-02-29', '9999-12-31', undefined],
    at: [null, '0001-01-01T00:00:00.000Z', '9999-12-31T23:59:59.999Z'],
    token: ['01890a5d-ac96-774b-bcce-b302099a8057', undefined],
    mail: ['a@example.org', undefined],
    note: [null, '', 'x'.repeat(2000), '"\\\n\u2028'],
    tags: [[], ['a', 'a', ''], ['\u{1F600}']],
    sizes: [[1], [1.5, -2], undefined],
    shape: [{ width: 1 }, { width: 1, height: 2 }, undefined],
    extra: [{}, { b: { c: [null, 1] }, a: 1 }, { 10: 'x', 9: 'y' }, undefined]
  }
  const BAD: Readonly<Record<string, readonly unknown[]>> = {
    shelf: [null, 5, 'x'.repeat(101), 'a\0', '\ud800', [], undefined],
    place: [null, '1', 1.5, true, 1e300, 2 ** 53, undefined],
    code: [null, 5],
    count: [-1001, 1001],
    rank: ['1', 1.5, true, undefined],
    weight: [null, '1', true, []],
    open: [null, 'true', 0],
    lent: [null, 'false', 1],
    genre: ['poem', null, ''],
    level: [3, '1', null],
    day: ['2001-02-29', '0000-01-01', '10000-01-01', '2001-1-1', '', 'x', null, 20010101],
    at: ['2001-01-01', '2001-01-01T00:00:00', '2001-13-01T00:00:00Z', '2001-01-01T24:00:00Z', '2001-01-01T00:60:00Z', '2001-01-01T00:00:60Z', '2001-01-01T00:00:00+01:60', '0001-01-01T00:00:00+01:00', undefined],
    token: ['01890a5d-ac96-774b-bcce-b302099a805', 'urn:uuid:01890a5d-ac96-774b-bcce-b302099a8057', '', null],
    mail: ['a', '', null],
    note: ['x'.repeat(2001), 5, undefined],
    tags: [null, ['x'.repeat(101)], [null], 'a', {}],
    sizes: [[], ['1'], null],
    shape: [{}, { width: 1, depth: 1 }, { width: '1' }, null, []],
    extra: [{ a: 'x' }, null, [], { b: '\0' }, { '\ud800': 1 }]
  }
  for (const [property, values] of Object.entries(GOOD)) {
    for (const value of values) {
      const sent = { ...LEAST, ...FILLED, [property]: value }
      const created = await call(app, 'POST /things', { body: sent })
      t.equal(created.status, 201, `${property} ${encodeURI(String(JSON.stringify(value))).slice(0, 100)}`)
      const { id } = created.body
      t.same(created.body, JSON.parse(JSON.stringify({ id, ...sent })))
      t.equal((await call(app, `GET /things/${id}`)).text, created.text)
      const again = await call(app, `PUT /things/${id}`, { body: created.body })
      t.equal(again.text, created.text, 'what was read may be sent back')
      t.equal(again.headers.etag, created.headers.etag)
      await call(app, `DELETE /things/${id}`)
    }
  }
  const { body: { id }, text } = await call(app, 'POST /things', { body: LEAST })
  for (const [property, values] of Object.entries(BAD)) {
    for (const value of values) {
      const body = { ...LEAST, [property]: value }
      for (const answer of [await call(app, 'POST /things', { body }), await call(app, `PUT /things/${id}`, { body })]) {
        t.equal(answer.status, 400, `${property} ${encodeURI(String(JSON.stringify(value))).slice(0, 100)}`)
        t.equal(answer.body.errors[0].pointer.split('/')[1], property)
      }
      if (value === undefined || value === null) continue
      t.equal((await call(app, `PATCH /things/${id}`, { body: { [property]: value }, headers: PATCHES })).status, 400, `PATCH ${property} ${encodeURI(String(JSON.stringify(value))).slice(0, 100)}`)
    }
  }
  t.equal((await call(app, `GET /things/${id}`)).text, text, 'nothing has changed')
  const { status, body } = await call(app, 'POST /things', { body: { ...LEAST, shelf: 5, day: 'x', shape: { width: 'x' }, other: 1 } })
  t.equal(status, 400)
  t.same(body.errors.map(({ pointer }: { pointer: string }) => pointer).sort(), ['/day', '/other', '/shape/width', '/shelf'])
})

t.test('what has several spellings is kept in one', async (t) => {
  const app = await buildApi(t, { resources: [uuidThings] })
  for (const [sent, kept] of [
    [{ at: '2001-01-01T01:00:00+01:00' }, { at: '2001-01-01T00:00:00.000Z' }],
    [{ at: '2001-01-01t00:00:00.5z' }, { at: '2001-01-01T00:00:00.500Z' }],
    [{ token: '01890A5D-AC96-774B-BCCE-B302099A8057' }, { token: '01890a5d-ac96-774b-bcce-b302099a8057' }]
  ]) {
    const { body } = await call(app, 'POST /things', { body: { ...LEAST, ...sent } })
    t.match(body, kept)
    t.match((await call(app, `PUT /things/${body.id}`, { body: { ...LEAST, ...sent } })).body, kept)
    t.match((await call(app, `PATCH /things/${body.id}`, { body: sent })).body, kept)
    t.match((await call(app, `GET /things/${body.id}`)).body, kept)
    await call(app, `DELETE /things/${body.id}`)
  }
  t.equal((await call(app, 'POST /things', { body: { ...LEAST, weight: -0 } })).body.weight, 0)
})

t.test('defaults are filled in by POST and PUT, and never by PATCH', async (t) => {
  const app = await buildApi(t, { resources: [uuidThings] })
  const { body } = await call(app, 'POST /things', { body: LEAST })
  t.same(body, { id: body.id, ...LEAST, ...FILLED })
  const path = `/things/${body.id}`
  const other = { open: false, genre: 'essay', tags: ['x'] }
  t.match((await call(app, `PATCH ${path}`, { body: other })).body, other)
  t.match((await call(app, `PATCH ${path}`, { body: { label: 'y' } })).body, { ...other, label: 'y' })
  t.equal((await call(app, `PATCH ${path}`, { body: { open: null } })).status, 400, 'what must be there cannot be removed')
  t.same((await call(app, `PATCH ${path}`, { body: [{ op: 'remove', path: '/open' }], headers: { 'content-type': 'application/json-patch+json' } })).status, 400)
  t.same((await call(app, `PUT ${path}`, { body: LEAST })).body, { id: body.id, ...LEAST, ...FILLED })
  t.match((await call(app, `PATCH ${path}`, { body: { rank: 5, at: '2001-01-01T00:00:00.000Z', weight: 1 } })).body, { rank: 5, weight: 1 })
  t.same((await call(app, `PATCH ${path}`, { body: { rank: null, at: null, weight: null } })).body, { id: body.id, ...LEAST, ...FILLED }, 'null of a nullable is null, of an optional nothing')
})

const VALUES = [
  { weight: 1.5, rank: 5, lent: true, day: '2001-01-01', at: '2001-01-01T00:00:00.000Z', code: 'a,b', level: 1, note: 'ab' },
  { weight: -2, rank: -5, lent: false, day: '2000-12-31', at: '2000-12-31T23:59:59.999Z', code: 'ab', level: 2, note: 'a' },
  { weight: 1e300, code: 'a\u{10FFFF}', note: '\u{10FFFF}' },
  {},
  { weight: 0, rank: 0, day: '9999-12-31', code: 'b', note: '', token: '01890a5d-ac96-774b-bcce-b302099a8057', genre: 'essay', open: false }
]

async function filled (t: Test) {
  const app = await buildApi(t, { resources: [things] })
  for (const [place, values] of VALUES.entries()) t.equal((await call(app, 'POST /things', { body: { ...LEAST, shelf: 'abcde'.slice(0, place + 1), count: place, ...values, place } })).status, 201)
  return app
}

t.test('filters compare as their operators say, and find nothing that is not there', async (t) => {
  const app = await filled(t)
  for (const [query, places] of [
    ['weight=1.5', [0]], ['weight=15e-1', [0]], ['weight_lt=0', [1]], ['weight_lte=0', [1, 4]], ['weight_gt=0', [0, 2]], ['weight_gte=0', [0, 2, 4]],
    ['weight_in=0,1.5,7', [0, 4]], ['weight_exists=true', [0, 1, 2, 4]], ['weight_exists=false', [3]], ['lighter_than=1', [1, 4]], ['weight_gt=0&weight_lt=5', [0]],
    ['rank=0', [4]], ['rank_lt=5', [1, 4]], ['rank_gte=-5', [0, 1, 4]], ['rank_gt=5', []], ['rank_exists=false', [2, 3]], ['rank_in=5,-5', [0, 1]],
    ['place_in=3,1', [1, 3]], ['place_gt=2', [3, 4]], ['place_gte=2&place_lt=4', [2, 3]],
    ['open=false', [4]], ['open=true', [0, 1, 2, 3]], ['lent=true', [0]], ['lent_exists=false', [2, 3, 4]], ['lent_in=true,false', [0, 1]], ['lent_gte=false', [0, 1]],
    ['genre=essay', [4]], ['genre_in=novel,essay', [0, 1, 2, 3, 4]], ['level=2', [1]], ['level_in=1,2', [0, 1]],
    ['day=2001-01-01', [0]], ['day_lt=2001-01-01', [1]], ['day_gte=2001-01-01', [0, 4]], ['day_exists=false', [2, 3]],
    ['at=2001-01-01T01:00:00%2B01:00', [0]], ['at_gte=2001-01-01T00:00:00Z', [0]], ['at_lt=2001-01-01T00:00:00Z', [1]], ['at_in=2001-01-01T00:00:00Z,2000-12-31T23:59:59.999Z', [0, 1]], ['at_exists=true', [0, 1]],
    ['token=01890A5D-AC96-774B-BCCE-B302099A8057', [4]], ['token_lt=ffffffff-ffff-ffff-ffff-ffffffffffff', [4]],
    ['shelf=abc', [2]], ['shelf_prefix=abc', [2, 3, 4]], ['shelf_prefix=', [0, 1, 2, 3, 4]], ['shelf_in=a,ab', [0, 1]],
    ['code=a,b', [0]], ['code_prefix=a', [0, 1, 2]], [`code_prefix=${encodeURIComponent('a\u{10FFFF}')}`, [2]], ['code_exists=true', [0, 1, 2, 4]], ['code_gte=a', [0, 1, 2, 4]], ['code_lt=b', [0, 1, 2]],
    ['note=', [4]], ['note_prefix=', [0, 1, 2, 4]], [`note_prefix=${encodeURIComponent('\u{10FFFF}')}`, [2]], ['note_exists=false', [3]],
    ['rank_lt=-5&rank_gt=5', []], ['rank_exists=true&rank_exists=true', 400]
  ] as const) {
    const { status, body } = await call(app, `GET /things?${query}&total=true`)
    if (places === 400) {
      t.equal(status, 400, query)
      continue
    }
    t.equal(status, 200, `${query} ${JSON.stringify(body)}`)
    const found = body.things.map(({ place }: { place: number }) => place)
    t.same(found.sort(), places, query)
    t.equal(body.total, places.length)
    t.same((await all(app, `/things?${query}&limit=1&sort=-weight`)).map(({ place }) => Number(place)).sort(), places, query)
    t.equal((await call(app, `GET /things?${query}&total=true&limit=1`)).body.total, places.length)
  }
  for (const query of ['weight=x', 'weight=01', 'weight=', 'weight_lt=NaN', 'weight_lt=Infinity', 'rank=1.5', 'rank_lt=', 'open=maybe', 'open=1', 'genre=poem', 'genre_in=novel,poem', 'level=3',
    'day=2001-02-29', 'day_lt=2001', 'at=x', 'at_lt=2001-01-01', 'token=x', 'token_lt=x', 'weight_in=1,x', 'weight_in=', `rank_in=${Array(101).fill(1).join()}`, 'rank_exists=yes', 'total=1', 'total=',
    'label=x', 'shelf_lt=a', 'tags=x', 'weight=1&weight=2', 'rank_in=1&rank_in=2', 'code_prefix=%00', 'weight=1e400', `shelf=${'x'.repeat(101)}`]) {
    const { status, body } = await call(app, `GET /things?${query}`)
    t.equal(status, 400, query)
    t.equal(body.errors[0].parameter, query.split('=')[0])
  }
})

t.test('a list is sorted by each property, what has no value last, or first', async (t) => {
  const app = await filled(t)
  const ORDERS = {
    weight: [[1, 4, 0, 2], [3]],
    rank: [[1, 4, 0], [2, 3]],
    lent: [[1, 0], [2, 3, 4]],
    day: [[1, 0, 4], [2, 3]],
    at: [[1, 0], [2, 3, 4]],
    code: [[0, 1, 2, 4], [3]],
    level: [[0, 1], [2, 3, 4]],
    note: [[4, 1, 0, 2], [3]],
    token: [[4], [0, 1, 2, 3]],
    open: [[4], [], [0, 1, 2, 3]]
  } as const
  for (const [property, [values, none, rest = []]] of Object.entries(ORDERS)) {
    for (const limit of [1, 2, 100]) {
      const places = async (sort: string) => (await all(app, `/things?sort=${sort}&limit=${limit}`)).map(({ place }) => place)
      t.same(await places(property), [...values, ...none, ...rest], property)
      t.same(await places(`-${property}`), [...rest, ...none, ...values.toReversed()], `-${property}`)
      t.same(await places(`-${property},-place`), [...rest.toReversed(), ...none.toReversed(), ...values.toReversed()], `-${property},-place`)
    }
  }
  for (const sort of ['tags', 'shape', 'extra', 'id', 'x', 'rank,', '']) t.equal((await call(app, `GET /things?sort=${sort}`)).status, 400, sort)
  const { body: { next } } = await call(app, 'GET /things?sort=-rank,day&limit=1')
  t.equal((await call(app, `GET ${next.replace('-rank', 'rank')}`)).status, 400, 'a cursor is for one order')
})

/** A resource with a property that the server gives, and what `onWrite` makes of it. */
const stamped = (onWrite: Parameters<typeof defineResource>[0]['onWrite'], id: 'counter' | 'uuid' | readonly ['name'] = 'counter') => defineResource({
  name: 'note',
  plural: 'notes',
  description: 'A note',
  properties: { name: Type.String({ maxLength: 50 }), made_by: Type.String({ readOnly: true }), changes: Type.Integer({ readOnly: true, minimum: 0 }), seen_at: Type.Optional(Type.String({ format: 'date-time', readOnly: true })) },
  id,
  onWrite: onWrite as never
})

t.test('what is readOnly onWrite alone sets, and may be sent back', async (t) => {
  for (const id of ['counter', 'uuid', ['name']] as const) {
    const app = await buildApi(t, {
      resources: [stamped(({ current, next, request }) => ({
        ...next, made_by: current?.made_by ?? String(request.headers.authorization), changes: Number(current?.changes ?? -1) + 1, ...current && { seen_at: '2001-01-01T01:00:00+01:00' }
      }), id)]
    })
    for (const given of [{ made_by: 'x' }, { changes: 0 }, { seen_at: '2001-01-01T00:00:00.000Z' }]) {
      t.match(await call(app, 'POST /notes', { body: { name: 'a', ...given } }), { status: 400, body: { errors: [{ pointer: `/${Object.keys(given)[0]}` }] } })
    }
    const created = await call(app, 'POST /notes', { body: { name: 'a' }, headers: { authorization: 'me' } })
    t.match(created, { status: 201, body: { name: 'a', made_by: 'me', changes: 0 } })
    const path = String(created.headers.location)
    t.same((await call(app, `GET ${path}`)).body, created.body)
    const absent = await call(app, `PUT ${path}`, { body: { name: 'a', seen_at: '2001-01-01T00:00:00.000Z' } })
    t.match(absent, { status: 400, body: { errors: [{ pointer: '/seen_at', detail: 'must be as it is, because the server alone gives it' }] } }, 'the record has none')
    t.match(await call(app, `PUT ${path}`, { body: created.body }), { status: 200, body: { made_by: 'me', changes: 1, seen_at: '2001-01-01T00:00:00.000Z' } })
    t.match(await call(app, `PUT ${path}`, { body: { name: 'a' } }), { status: 200, body: { made_by: 'me', changes: 2 } })
    t.match(await call(app, `PUT ${path}`, { body: { name: 'a', seen_at: '2001-01-01T02:00:00+02:00' } }), { status: 200 }, 'equal in another spelling')
    t.match(await call(app, `PATCH ${path}`, { body: { changes: 3 } }), { status: 200, body: { made_by: 'me', changes: 4 } })
    for (const method of ['PUT', 'PATCH']) {
      for (const body of [{ name: 'a', made_by: 'you' }, { name: 'a', changes: 5 }, { name: 'a', seen_at: '2002-01-01T00:00:00.000Z' }, { name: 'a', changes: 'x' }, { name: 'a', made_by: 5 }]) {
        const answer = await call(app, `${method} ${path}`, { body })
        t.match(answer, { status: 400, body: { errors: [{ in: 'body', pointer: `/${Object.keys(body)[1]}` }] } }, `${method} ${JSON.stringify(body)}`)
        t.equal(answer.body.errors.length, 1)
      }
    }
    t.match(await call(app, `PATCH ${path}`, { body: { made_by: null, seen_at: null } }), { status: 200, body: { made_by: 'me', changes: 5, seen_at: '2001-01-01T00:00:00.000Z' } }, 'nobody else removes it')
    t.match((await call(app, `GET ${path}`)).body, { changes: 5 })
  }
})

t.test('onWrite may refuse, and must not make what is no valid record', async (t) => {
  const app = await buildApi(t, {
    resources: [stamped(({ next }) => {
      if (next.name === 'no') throw new HttpError(403, 'not you')
      if (next.name === 'taken') throw new HttpError('duplicate', 'it is taken')
      if (next.name === 'broken') throw new Error('a secret')
      return { ...next, id: 99, made_by: next.name === 'bad' ? 5 : 'x', changes: 0, ...next.name === 'more' && { more: 1 } }
    })]
  })
  const { status, headers: { location } } = await call(app, 'POST /notes', { body: { name: 'a' } })
  t.equal(status, 201)
  for (const [name, expected] of [
    ['no', { status: 403, body: { detail: 'not you' } }], ['taken', { status: 409, body: { type: 'urn:problem-type:duplicate' } }],
    ['broken', { status: 500, body: { detail: 'something went wrong on the server' } }], ['bad', { status: 500, body: { type: 'urn:problem-type:internal' } }], ['more', { status: 500 }]
  ] as const) {
    for (const request of ['POST /notes', `PUT ${location}`, `PATCH ${location}`]) {
      const answer = await call(app, request, { body: { name } })
      t.match(answer, expected, `${request} ${name}`)
      t.notMatch(answer.text, /secret|onWrite/)
    }
  }
  const { body } = await call(app, 'GET /notes?total=true')
  t.match(body, { total: 1, notes: [{ id: 0, name: 'a' }] }, 'nothing has changed, and what identifies a record stays')
})

const KEYS = ['x', 'é', 'a/b', 'a%2Fb', '%', '..x', '...', ' ', 'a b', '+', '?', '#', '\u{1F600}', 'a;b', ':x', '*', 'A', 'a\u0001', '~', 'null', '__proto__', 'x'.repeat(100)]

t.test('a key of its own is a segment of the path', async (t) => {
  const app = await buildApi(t, { resources: [defineResource({ name: 'tag', plural: 'tags', description: 'A tag', properties: { name: Type.String({ maxLength: 400 }), size: Type.Integer() }, id: ['name'] })] })
  for (const name of KEYS) {
    const path = `/tags/${encodeURIComponent(name)}`
    const body = { name, size: 1 }
    t.equal((await call(app, `GET ${path}`)).status, 404, name)
    const created = await call(app, 'POST /tags', { body })
    t.match(created, { status: 201, headers: { location: path }, body })
    t.same((await call(app, `GET ${created.headers.location}`)).body, body)
    t.match(await call(app, 'POST /tags', { body }), { status: 409, headers: { location: path }, body: { type: 'urn:problem-type:duplicate', errors: [{ in: 'body', pointer: '/name' }] } })
    t.match(await call(app, `PUT ${path}`, { body: { name, size: 2 } }), { status: 200, headers: { 'content-location': path }, body: { size: 2 } })
    t.match(await call(app, `PUT ${path}`, { body: { name, size: 3 }, headers: { 'if-none-match': '*' } }), { status: 412 })
    t.match(await call(app, `PATCH ${path}`, { body: { size: 4 } }), { status: 200, headers: { 'content-location': path }, body: { name, size: 4 } })
    t.match(await call(app, `PATCH ${path}`, { body: { name: 'other' } }), { status: 400, body: { errors: [{ pointer: '/name' }] } })
    t.match(await call(app, `PUT ${path}`, { body: { name: 'other', size: 1 } }), { status: 400, body: { errors: [{ pointer: '/name' }] } })
    t.match(await call(app, `PUT ${path}`, { body: { size: 1 } }), { status: 400, body: { errors: [{ pointer: '/name', detail: 'is required' }] } })
    t.equal((await call(app, `DELETE ${path}`)).status, 204)
    t.equal((await call(app, `GET ${path}`)).status, 404)
    t.equal((await call(app, `DELETE ${path}`)).status, 404)
    t.match(await call(app, `PUT ${path}`, { body, headers: { 'if-match': '*' } }), { status: 412 })
    t.match(await call(app, `PATCH ${path}`, { body, headers: { 'if-match': '*' } }), { status: 404 })
    t.match(await call(app, `PUT ${path}`, { body, headers: { 'if-none-match': '*' } }), { status: 201, headers: { 'content-location': path, etag: /^"/ }, body }, 'free after a DELETE')
    t.match(await call(app, `OPTIONS ${path}`), { status: 204, headers: { allow: 'GET, HEAD, PUT, PATCH, DELETE, OPTIONS' } })
  }
  t.same((await all(app, '/tags?limit=3', 'tags')).map(({ name }) => name), KEYS.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))))
  for (const name of ['.', '..', '', 'x'.repeat(101), 'a\0', '\ud800']) {
    t.match(await call(app, 'POST /tags', { body: { name, size: 1 } }), { status: 400, body: { errors: [{ pointer: '/name' }] } }, name)
  }
  for (const path of ['/tags/%00', '/tags/%C3', `/tags/${'x'.repeat(401)}`]) {
    t.match((await call(app, `PUT ${path}`, { body: { name: '..', size: 1 } })).status, /^40[04]$/, path)
  }
  t.equal((await call(app, 'GET /tags/a/b')).status, 404)
  t.equal((await call(app, 'GET /tags/')).status, 400)
})

t.test('a key of several properties is as many segments, each with one spelling', async (t) => {
  const app = await buildApi(t, { resources: [things] })
  for (const [shelf, place] of [['a/b', -1], ['é', 0], ['a', 12], ['a', 2], ['A', 2 ** 53 - 1]] as const) {
    const body = { ...LEAST, ...FILLED, shelf, place }
    const path = `/things/${encodeURIComponent(shelf)}/${place}`
    t.match(await call(app, `PUT ${path}`, { body, headers: { 'if-match': '*' } }), { status: 412 })
    t.match(await call(app, `PUT ${path}`, { body }), { status: 201, headers: { 'content-location': path }, body })
    t.match(await call(app, `GET ${path}`), { status: 200, body })
    t.match(await call(app, 'POST /things', { body }), { status: 409, headers: { location: path }, body: { errors: [{ pointer: '/shelf' }, { pointer: '/place' }] } })
    for (const other of [{ shelf: 'x' }, { place: 99 }]) {
      t.match(await call(app, `PUT ${path}`, { body: { ...body, ...other } }), { status: 400, body: { errors: [{ pointer: `/${Object.keys(other)[0]}` }] } })
      t.match(await call(app, `PATCH ${path}`, { body: other }), { status: 400, body: { errors: [{ pointer: `/${Object.keys(other)[0]}` }] } })
    }
  }
  for (const shelf of [{ toString: 1 }, { length: 1 }, ['x'.repeat(101)], null]) {
    t.match(await call(app, 'POST /things', { body: { ...LEAST, shelf } }), { status: 400, body: { errors: [{ pointer: '/shelf', detail: 'must be string' }] } })
  }
  for (const path of ['/things/a/02', '/things/a/+2', '/things/a/2.0', '/things/a/x', '/things/a/9007199254740992', '/things/a/-0']) {
    for (const method of ['GET', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) t.equal((await call(app, `${method} ${path}`, method === 'PUT' ? { body: LEAST } : {})).status, 400, `${method} ${path}`)
  }
  for (const path of ['/things/a', '/things/a/2/3', '/things//2']) t.match((await call(app, `GET ${path}`)).status, /^40[04]$/, path)
  t.same((await all(app, '/things?limit=1')).map(({ shelf, place }) => [shelf, place]), [['A', 2 ** 53 - 1], ['a', 2], ['a', 12], ['a/b', -1], ['é', 0]])
  t.same((await all(app, '/things?limit=1&sort=-shelf,-place')).map(({ shelf, place }) => [shelf, place]), [['é', 0], ['a/b', -1], ['a', 12], ['a', 2], ['A', 2 ** 53 - 1]])
  t.equal((await call(app, 'DELETE /things/a%2Fb/-1')).status, 204)
  t.equal((await call(app, 'GET /things/a%2Fb/-1')).status, 404)
  t.equal((await call(app, 'GET /things/a/2')).status, 200)
})

t.test('a key of another kind has one spelling in a path', async (t) => {
  const KINDS = [
    [Type.Number(), ['1.5', '-1e+300', '0'], ['1.50', '15e-1', '-0', '1e300', 'x']],
    [Type.Boolean(), ['true', 'false'], ['1', 'True']],
    [Type.String({ format: 'date' }), ['2000-02-29'], ['2001-02-29', '2000-2-29']],
    [Type.String({ format: 'date-time' }), ['2001-01-01T00:00:00.000Z'], ['2001-01-01T01:00:00.000%2B01:00', '2001-01-01T00:00:00Z', 'x']],
    [Type.String({ format: 'uuid' }), ['01890a5d-ac96-774b-bcce-b302099a8057'], ['01890A5D-AC96-774B-BCCE-B302099A8057', 'x']],
    [Type.Union([Type.Literal('a'), Type.Literal('b')]), ['a', 'b'], ['c', 'A']]
  ] as const
  for (const [schema, good, bad] of KINDS) {
    const app = await buildApi(t, { resources: [defineResource({ name: 'mark', plural: 'marks', description: 'A mark', properties: { at: schema, size: Type.Integer() }, id: ['at'] })] })
    for (const text of good) {
      const at = schema.type === 'number' ? Number(text) : schema.type === 'boolean' ? text === 'true' : text
      t.match(await call(app, 'POST /marks', { body: { at, size: 1 } }), { status: 201, headers: { location: `/marks/${encodeURIComponent(text)}` } })
      t.match(await call(app, 'POST /marks', { body: { at, size: 1 } }), { status: 409, headers: { location: `/marks/${encodeURIComponent(text)}` } })
      t.match(await call(app, `GET /marks/${encodeURIComponent(text)}`), { status: 200, body: { at } })
    }
    for (const text of bad) t.equal((await call(app, `GET /marks/${text}`)).status, 400, text)
    t.equal((await all(app, '/marks?limit=1', 'marks')).length, good.length)
  }
})

t.test('UUIDs are made by the server, in lower case', async (t) => {
  const app = await buildApi(t, { resources: [uuidThings] })
  const { status, headers: { location }, body } = await call(app, 'POST /things', { body: LEAST })
  t.equal(status, 201)
  t.equal(location, `/things/${body.id}`)
  t.match(body.id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  for (const method of ['GET', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
    for (const id of [body.id.toUpperCase(), body.id.slice(1), '0', 'x']) t.equal((await call(app, `${method} /things/${id}`, /P/.test(method) ? { body: {} } : {})).status, 400, `${method} ${id}`)
    const none = '00000000-0000-7000-8000-000000000000'
    t.equal((await call(app, `${method} /things/${none}`, method[0] === 'P' ? { body: LEAST } : {})).status, 404, method)
  }
  t.equal((await call(app, 'POST /things', { body: { ...LEAST, id: body.id } })).status, 400)
  t.equal((await call(app, `PUT ${location}`, { body: { ...LEAST, id: '00000000-0000-7000-8000-000000000000' } })).status, 400)
  t.equal((await call(app, `PUT ${location}`, { body: { ...LEAST, id: body.id } })).status, 200)
  for (let i = 0; i < 5; i++) await call(app, 'POST /things', { body: { ...LEAST, place: i } })
  const ids = (await all(app, '/things?limit=2')).map(({ id }) => String(id))
  t.equal(ids.length, 6)
  t.same(ids, ids.toSorted())
  t.equal((await call(app, `DELETE ${location}`)).status, 204)
  t.equal((await call(app, `GET ${location}`)).status, 404)
})

t.test('what is unique is so on POST, PUT and PATCH', async (t) => {
  for (const resource of [things, uuidThings]) {
    const app = await buildApi(t, { resources: [resource] })
    const one = { ...LEAST, code: 'one', day: '2001-01-01' }
    const two = { ...LEAST, place: 2, code: 'two' }
    t.equal((await call(app, 'POST /things', { body: one })).status, 201)
    const { headers: { location } } = await call(app, 'POST /things', { body: two })
    const CLASHES: [Record<string, unknown>, string[]][] = [[{ ...two, code: 'one' }, ['code']], [{ ...two, day: '2001-01-01' }, ['day', 'count']]]
    for (const [body, names] of CLASHES) {
      const expected = { status: 409, body: { type: 'urn:problem-type:duplicate', detail: `another record has the same ${names.join(' and ')}`, errors: names.map((name) => ({ in: 'body', pointer: `/${name}` })) } }
      const post = await call(app, 'POST /things', { body: { ...body, place: 3, code: body.code === 'two' ? 'three' : body.code } })
      t.match(post, expected)
      t.notOk('location' in post.headers)
      t.match(await call(app, `PUT ${location}`, { body }), expected)
      t.match(await call(app, `PATCH ${location}`, { body: Object.fromEntries(names.map((name) => [name, body[name]])) }), expected)
    }
    t.same((await call(app, `GET ${location}`)).body, { ...(await call(app, `GET ${location}`)).body, ...two })
    t.equal((await call(app, `PUT ${location}`, { body: two })).status, 200, 'it is no duplicate of itself')
    t.equal((await call(app, `PATCH ${location}`, { body: { code: null } })).status, 200)
    for (const place of [4, 5]) t.equal((await call(app, 'POST /things', { body: { ...LEAST, place } })).status, 201, 'what is not there is not compared')
  }
})

t.test('of 1,000 creates at the same time with one key, or one unique value, one happens', async (t) => {
  const app = await buildApi(t, { resources: [things] })
  for (const body of [() => LEAST, (place: number) => ({ ...LEAST, shelf: 'b', place, code: 'one' })]) {
    const statuses = await Promise.all(Array.from({ length: 1000 }, async (_, i) => (await call(app, 'POST /things', { body: body(i) })).status))
    t.same([201, 409].map((status) => statuses.filter((one) => one === status).length), [1, 999])
  }
  t.equal((await call(app, 'GET /things?total=true')).body.total, 2)
})

t.test('the walk of the guide, with ids of each kind', async (t) => {
  const { id: _, ...properties } = Object.fromEntries(programmingLanguage.properties.map(({ name, schema }) => [name, Type.Unsafe<string | number>(schema)]))
  for (const id of ['counter', 'uuid', ['name'], ['name', 'publication_year']] as const) {
    const { plural } = programmingLanguage
    const app = await buildApi(t, {
      resources: [defineResource({ name: 'programming_language', plural, description: 'A language', properties, records: programmingLanguage.records as never, id: id as never, filters: { before: { property: 'publication_year', operator: 'lt' } } })]
    })
    const { body } = await call(app, `GET /${plural}`)
    t.equal(body[plural].length, 8)
    const path = typeof id === 'string' ? body[plural][0].id : id.map((name) => encodeURIComponent(body[plural][0][name])).join('/')
    t.equal((await call(app, `GET /${plural}?before=1960`)).body[plural].length, 1)
    const view = await call(app, `GET /${plural}/${path}`)
    t.same(view.body, body[plural][0])
    t.equal((await call(app, `PUT /${plural}/${path}`, { body: { ...view.body, contribution: 'x' } })).status, 200)
    t.equal((await call(app, `DELETE /${plural}/${path}`)).status, 204)
    t.equal((await call(app, `GET /${plural}/${path}`)).status, 404)
    const created = await call(app, `POST /${plural}`, { body: { name: 'Simula 67', publication_year: 1967, contribution: 'classes' } })
    t.equal(created.status, 201)
    t.same((await call(app, `GET ${created.headers.location}`)).body, created.body)
  }
})

const TAG = { name: 'tag', plural: 'tags', description: 'A tag', properties: { label: Type.String({ maxLength: 20 }) }, records: [{ label: 'a' }] } as const

t.test('an operation that is switched off is nowhere', async (t) => {
  const read = defineResource({ ...TAG, operations: { create: false, replace: false, update: false, remove: false } })
  const write = defineResource({ ...TAG, name: 'note', plural: 'notes', operations: { list: false, view: false } })
  const list = defineResource({ ...TAG, name: 'mark', plural: 'marks', operations: { view: false, create: false, replace: false, update: false, remove: false } })
  const app = await buildApi(t, { resources: [read, write, list] })
  for (const [request, status, allow] of [
    ['GET /tags', 200], ['GET /tags/0', 200], ['HEAD /tags/0', 200], ['OPTIONS /tags', 204, 'GET, HEAD, OPTIONS'], ['OPTIONS /tags/0', 204, 'GET, HEAD, OPTIONS'],
    ['POST /tags', 405, 'GET, HEAD, OPTIONS'], ['PUT /tags/0', 405, 'GET, HEAD, OPTIONS'], ['PATCH /tags/0', 405], ['DELETE /tags/0', 405], ['DELETE /tags/9', 404], ['PUT /tags/x', 400],
    ['GET /notes', 405, 'POST, OPTIONS'], ['GET /notes/0', 405, 'PUT, PATCH, DELETE, OPTIONS'], ['GET /notes/9', 404], ['DELETE /notes/0', 204],
    ['GET /marks', 200], ['GET /marks/0', 404], ['OPTIONS /marks/0', 404], ['GET /marks/x', 404]
  ] as const) {
    const { status: found, headers } = await call(app, request)
    t.equal(found, status, request)
    if (allow !== undefined) t.equal(headers.allow, allow)
  }
  t.notOk('accept-patch' in (await call(app, 'OPTIONS /tags/0')).headers)
  const { body } = await call(app, 'GET /openapi.json')
  const documented = Object.entries(body.paths).map(([path, item]) => `${path} ${Object.keys(Object(item)).join()}`)
  t.same(documented.sort(), ['/health get', '/health/live get', '/marks get', '/notes post', '/notes/{note_id} put,patch,delete', '/tags get', '/tags/{tag_id} get'])
  t.same(Object.keys(body.paths['/tags'].get.responses[200].links), ['getTag'])
  t.same(body.components.schemas.NewTag, undefined)
})

t.test('an operation has what a route of Fastify may have beside, and what the document is to say', async (t) => {
  const seen: unknown[] = []
  const security = [{ bearer: [] }]
  const onRequest = async ({ headers, routeOptions }: FastifyRequest) => {
    seen.push(Object(routeOptions.config).why)
    if (headers.authorization !== 'Bearer secret') throw new HttpError(401, 'who are you?', { 'www-authenticate': 'Bearer' })
  }
  const guarded = { onRequest, config: Object({ why: 'writers' }), schema: { security, response: { 401: { description: 'Nobody knows you', type: 'null' } } } } as const
  const resource = defineResource({ ...TAG, operations: { create: guarded, replace: guarded, update: guarded, remove: guarded } })
  const app = await buildApi(t, { resources: [resource], title: 'Tags', description: 'What is on things.', version: '2.3.4', securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } })
  const body = { label: 'b' }
  t.equal((await call(app, 'GET /tags')).status, 200)
  for (const request of ['POST /tags', 'PUT /tags/0', 'PATCH /tags/0', 'DELETE /tags/0']) {
    const content: Content = request[0] === 'P' ? { body } : {}
    t.match(await call(app, request, content), { status: 401, headers: { 'www-authenticate': 'Bearer', 'content-type': /problem/ }, body: { status: 401, detail: 'who are you?' } }, request)
    t.ok((await call(app, request, { ...content, headers: { authorization: 'Bearer secret' } })).status < 300, request)
  }
  t.same(new Set(seen), new Set(['writers']))
  const { body: document } = await call(app, 'GET /openapi.json')
  t.match(document.info, { title: 'Tags', version: '2.3.4', description: /^What is on things\.\n\nEvery/ })
  t.same(document.components.securitySchemes, { bearer: { type: 'http', scheme: 'bearer' } })
  const { get, post } = document.paths['/tags']
  t.same([post.security, get.security], [security, undefined])
  t.match(post.responses[401], { description: 'Nobody knows you' })
  t.ok('201' in post.responses && '400' in post.responses)
})

t.test('an operation may have a preValidation of its own, which comes after ours', async (t) => {
  const seen: string[] = []
  const note = async ({ url }: FastifyRequest) => { seen.push(url) }
  const app = await buildApi(t, { resources: [defineResource({ ...TAG, operations: { list: { preValidation: note }, view: { preValidation: [note, note] } } })] })
  for (const [path, status] of [['/tags?limit=1', 200], ['/tags?limit=x', 400], ['/tags/0', 200], ['/tags/x', 400]] as const) t.equal((await call(app, `GET ${path}`)).status, status)
  t.same(seen, ['/tags?limit=1', '/tags/0', '/tags/0'])
})

t.test('pages, bodies and paths have the limits and the places that are asked for', async (t) => {
  const records = Array.from({ length: 30 }, (_, i) => ({ label: `${i}` }))
  const app = await buildApi(t, {
    resources: [defineResource({ ...TAG, records, page: { default: 7, most: 20 }, sortable: [] })],
    bodyLimit: 100,
    paths: { health: '/alive', document: '/api.json', docs: '/pages' }
  })
  const { body } = await call(app, 'GET /tags')
  t.equal(body.tags.length, 7)
  t.equal((await call(app, 'GET /tags?limit=20')).body.tags.length, 20)
  t.equal((await call(app, 'GET /tags?limit=21')).status, 400)
  t.same((await all(app, '/tags', 'tags')).length, 30)
  t.equal((await call(app, 'GET /tags?sort=-id')).status, 200)
  t.equal((await call(app, 'GET /tags?sort=label')).status, 400)
  t.match(await call(app, 'POST /tags', { body: { label: 'x'.repeat(100) } }), { status: 413, body: { detail: 'a body may have 100 bytes at most' } })
  t.equal((await call(app, 'POST /tags', { body: { label: 'x' } })).status, 201)
  t.match(await call(app, 'GET /alive'), { status: 200, body: { status: 'ok' } })
  t.match(await call(app, 'GET /alive/live'), { status: 200, body: { status: 'ok' } })
  t.match((await call(app, 'GET /api.json')).body.paths, { '/alive': {}, '/alive/live': {} })
  t.equal((await call(app, 'GET /pages/json')).status, 200)
  for (const path of ['/health', '/openapi.json', '/docs']) t.equal((await call(app, `GET ${path}`)).status, 404, path)
  const bare = await buildApi(t, { resources: [defineResource(TAG)], paths: { health: false, document: false, docs: false } })
  for (const path of ['/health', '/health/live', '/openapi.json', '/docs', '/docs/json', '/']) t.equal((await call(bare, `GET ${path}`)).status, 404, path)
  t.equal((await call(bare, 'GET /tags')).status, 200)
  for (const paths of [{ document: false }, { docs: false }] as const) {
    const half = await buildApi(t, { resources: [defineResource(TAG)], paths })
    t.equal((await call(half, 'GET /openapi.json')).status, 'document' in paths ? 404 : 200, JSON.stringify(paths))
    t.equal((await call(half, 'GET /docs')).status, 'docs' in paths ? 404 : 200, JSON.stringify(paths))
  }
})

t.test('several resources are one API, each with records of its own', async (t) => {
  const tags = defineResource(TAG)
  const notes = defineResource({ ...TAG, name: 'note', plural: 'notes', id: 'uuid', records: [] })
  const app = await buildApi(t, { resources: [tags, notes, things] }, { records: { notes: [{ label: 'n' }, { label: 'm' }] } })
  t.same((await call(app, 'GET /tags')).body, { tags: [{ id: 0, label: 'a' }] })
  t.same((await call(app, 'GET /notes')).body.notes.map(({ label }: { label: string }) => label), ['n', 'm'])
  t.same((await call(app, 'GET /things')).body, { things: [] })
  const headers = { 'idempotency-key': 'k' }
  for (const [path, body] of [['/tags', { label: 'b' }], ['/notes', { label: 'b' }], ['/things', LEAST]] as const) {
    const created = await call(app, `POST ${path}`, { body, headers })
    t.match(created, { status: 201 })
    t.match(await call(app, `POST ${path}`, { body, headers }), { status: 201, headers: { 'idempotency-replayed': 'true', location: created.headers.location }, text: created.text })
  }
  t.equal((await call(app, 'GET /tags')).body.tags.length, 2)
  const { body } = await call(app, 'GET /openapi.json')
  t.same(Object.keys(body.paths).length, 8)
  t.same(body.tags.map(({ name }: { name: string }) => name), ['tags', 'notes', 'things', 'service'])
  t.match(body.info, { title: 'Tags, Notes, Things API', summary: 'An HTTP API of tags, notes, and things.', license: undefined })
  t.equal((await call(app, 'GET /health')).status, 200)

  const described = await buildApi(t, { resources: [tags, notes], info: { summary: 'Labels', license: { name: 'ISC' } } }, { records: [] })
  t.same((await call(described, 'GET /tags')).body, { tags: [] }, 'nothing to start with, in any of them')
  t.match((await call(described, 'GET /openapi.json')).body.info, { summary: 'Labels', license: { name: 'ISC' } })
  await t.rejects(buildApi(t, { resources: [tags, notes] }, { records: [{ label: 'x' }] }), { message: /records must be an object with a list for each resource, or \[\]$/ })
})

t.test('a write with an Idempotency-Key happens once, whatever the id', async (t) => {
  for (const resource of [things, uuidThings]) {
    const app = await buildApi(t, { resources: [resource] })
    const post = { body: { ...LEAST, extra: { b: 1, a: 2 } }, headers: { 'idempotency-key': 'k' } }
    const created = await call(app, 'POST /things', post)
    const { headers: { location } } = created
    const patch = { body: { label: 'y' }, headers: { ...PATCHES, 'idempotency-key': 'p' } }
    const patched = await call(app, `PATCH ${location}`, patch)
    t.same([created.status, patched.status], [201, 200])
    t.equal((await call(app, `DELETE ${location}`)).status, 204)
    t.match(await call(app, 'POST /things', post), { status: 201, text: created.text, headers: { location, etag: created.headers.etag, 'idempotency-replayed': 'true' } })
    t.match(await call(app, `PATCH ${location}`, patch), { status: 200, text: patched.text, headers: { 'idempotency-replayed': 'true' } })
    t.equal((await call(app, 'POST /things', { ...post, body: LEAST })).status, 422)
    t.equal((await call(app, 'GET /things?total=true')).body.total, 0)
  }
})

t.test('what onWrite changes of a record is kept only where it is returned, and the write happens', async (t) => {
  const lists = defineResource({
    name: 'list',
    plural: 'lists',
    description: 'A list',
    properties: { title: Type.String({ maxLength: 50 }), log: Type.Array(Type.String()) },
    unique: [['title']],
    onWrite ({ current, next }) {
      current?.log.push('current')
      next.log.push('next')
      return next
    }
  })
  const app = await buildApi(t, { resources: [lists] })
  for (const title of ['a', 'b']) await call(app, 'POST /lists', { body: { title, log: [] } })
  t.equal((await call(app, 'PATCH /lists/1', { body: { title: 'a' } })).status, 409)
  t.same((await call(app, 'PATCH /lists/1', { body: { title: 'c' } })).body, { id: 1, title: 'c', log: ['next', 'next'] })
})

t.test('a readOnly property has its default, whoever makes the record', async (t) => {
  const counts = defineResource({
    name: 'count',
    plural: 'counts',
    description: 'A count',
    properties: { name: Type.String({ maxLength: 50 }), count: Type.Integer({ readOnly: true, default: 4 }) },
    id: ['name']
  })
  const app = await buildApi(t, { resources: [counts] })
  t.match(await call(app, 'POST /counts', { body: { name: 'a' } }), { status: 201, body: { name: 'a', count: 4 } })
  t.match(await call(app, 'PUT /counts/b', { body: { name: 'b' } }), { status: 201, body: { name: 'b', count: 4 } })
  t.match(await call(app, 'PATCH /counts/b', { body: { count: 5 } }), { status: 400 })
})
