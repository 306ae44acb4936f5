import { hash } from 'node:crypto'
import { Type } from '@sinclair/typebox'
import fc from 'fast-check'
import t from 'tap'
import { decodeCursor, encodeCursor } from '../../http/cursor.js'
import { describeProperty } from '../../schemas/property.js'
import { compareBy, completeOrder } from '../../stores/order.js'
import type { Item } from '../../schemas/resource.js'

const record = Object.entries({
  id: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
  name: Type.String({ maxLength: 3 }),
  year: Type.Integer({ minimum: 1, maximum: 9999 }),
  count: Type.Integer(),
  weight: Type.Number(),
  open: Type.Boolean(),
  rank: Type.Union([Type.Integer(), Type.Null()]),
  day: Type.Optional(Type.String({ format: 'date' })),
  at: Type.String({ format: 'date-time' }),
  token: Type.String({ format: 'uuid' })
}).map(([name, schema]) => describeProperty(name, schema))

const by = (property: string, descending: boolean) => completeOrder([{ property, descending }], ['id'])

/** The sort key's value after a cursor was made of it and read. */
const kept = (item: Item, property: string, descending = false) =>
  decodeCursor(encodeCursor(item, by(property, descending), record), by(property, descending), record)?.[property]

const ITEM = { id: 7, name: 'abc', year: 1967, count: -(2 ** 53) + 1, weight: -0.5, open: true, rank: null, day: '2000-02-29', at: '2000-02-29T00:00:00.000Z', token: '01890a5d-ac96-774b-bcce-b302099a8057' }

t.test('what the schema allows is kept as it is', async (t) => {
  for (const descending of [false, true]) {
    for (const [property, value] of Object.entries(ITEM)) t.equal(kept(ITEM, property, descending), value, property)
  }
  t.equal(kept({ ...ITEM, day: undefined }, 'day'), null, 'what is not there is null')
  t.equal(kept({ ...ITEM, year: 10_000 }, 'year'), 10_000, 'and what it does not allow, where it fits')
  t.equal(kept({ ...ITEM, name: '\u{1F600}'.repeat(3) }, 'name'), '\u{1F600}'.repeat(3), 'a character may have two units')
})

t.test('what does not fit stands for a place behind it, before all that is valid and follows', async () => {
  const valid = fc.string({ unit: fc.constantFrom('\u0001', 'a', 'b', '\u{1F600}', '\u{10FFFF}'), maxLength: 3 })
  const long = fc.string({ unit: fc.constantFrom('\u0001', 'a', 'b', '\u{1F600}', '\u{10FFFF}'), minLength: 4, maxLength: 12 })
  fc.assert(fc.property(long, valid, fc.nat(20), fc.boolean(), (name, other, id, descending) => {
    const compare = compareBy(by('name', descending))
    const after = { id: 7, name: kept({ ...ITEM, name }, 'name', descending) }
    const follows = compare({ id, name: other }, { id: 7, name }) > 0
    return compare({ id: 7, name }, after) <= 0 && (!follows || compare({ id, name: other }, after) > 0)
  }), { numRuns: 1000 })
  t.ok(String(kept({ ...ITEM, name: 'x'.repeat(100_000) }, 'name')).length < 10)
  const BEYOND = [2 ** 53, 2 ** 63, -(2 ** 53), -(2 ** 63)]
  t.same(BEYOND.map((year) => kept({ ...ITEM, year }, 'year')), [2 ** 63, 2 ** 63, -(2 ** 53), -(2 ** 53)])
  t.same(BEYOND.map((year) => kept({ ...ITEM, year }, 'year', true)), [2 ** 53, 2 ** 53, -(2 ** 63), -(2 ** 63)])
})

t.test('a cursor that no page had is none, though its seal is right', async (t) => {
  const forge = (property: string, content: string) => {
    const order = by(property, false)
    const cursor = hash('sha256', `${JSON.stringify(order)}\n${content}`, 'base64url').slice(0, 12) + Buffer.from(content).toString('base64url')
    return decodeCursor(cursor, order, record)
  }
  t.same(forge('year', 'n1967\0n7'), { id: 7, year: 1967 })
  t.same(forge('rank', 'z\0n7'), { id: 7, rank: null })
  t.same(forge('open', 'bfalse\0n7'), { id: 7, open: false })
  const FORGED: [string, string][] = [
    ['year', 'n1967\0nNaN'], ['year', 'n1967\0t7'], ['year', 'n1967\0n7.5'], ['year', 'n1967\0n'], ['year', 'n1967'], ['year', ''], ['year', 'n1967\0n7\0n8'],
    ['year', 't1967\0n7'], ['year', 'tx\0n7'], ['year', 'n1967.5\0n7'], ['year', 'nInfinity\0n7'], ['year', 'n01\0n7'], ['year', 'n 1\0n7'],
    ['weight', 'nNaN\0n7'], ['weight', 'tx\0n7'], ['name', 'n5\0n7'], ['name', '\0n7'], ['open', 'tyes\0n7'], ['open', 'n1\0n7'], ['open', 'byes\0n7'],
    ['year', 'z\0n7'], ['rank', 'z7\0n7'], ['rank', 'n1.5\0n7'], ['day', 't2000-02-31\0n7'], ['day', 'tx\0n7'], ['at', 't2000-02-29\0n7'], ['at', 'tx\0n7'],
    ['at', 't2000-02-29T01:00:00.000+01:00\0n7'], ['at', 't1\0n7'], ['day', 't1\0n7'], ['token', 'tx\0n7'], ['token', 't01890A5D-AC96-774B-BCCE-B302099A8057\0n7'], ['day', 't2000-2-9\0n7'],
    ['year', 'n1967\0z'], ['nothing', 'tx\0n7'], ['name', 't\ufffd\0n\ufffd']
  ]
  for (const [property, content] of FORGED) t.equal(forge(property, content), undefined, JSON.stringify([property, content]))
})
