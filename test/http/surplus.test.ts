import { Type } from '@sinclair/typebox'
import t from 'tap'
import { removeSurplus } from '../../http/surplus.js'

const many = (count: number, value: unknown) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, value]))
const closed = Type.Object({ a: Type.String() }, { additionalProperties: false })

t.test('unknown members beyond the first hundred are counted and gone, wherever they are', async (t) => {
  const schema = Type.Object({ one: closed, several: Type.Array(closed, { maxItems: 2 }) }, { additionalProperties: false })
  const value = { ...many(101, 0), one: { a: 1, ...many(102, 0) }, several: [many(103, 0), { a: 'x' }, many(5, 0), many(200, 0)] }
  t.equal(removeSurplus(value, schema), 1 + 2 + 3)
  t.same(value, { ...many(100, 0), one: { a: 1, ...many(100, 0) }, several: [many(100, 0), { a: 'x' }, many(5, 0)] })
})

t.test('what a schema takes stays as it is', async (t) => {
  const CASES = [
    [Type.Object({}), many(200, 0)],
    [Type.Object({}, { additionalProperties: Type.Integer() }), many(200, 0)],
    [Type.Object({}, { additionalProperties: Type.Null() }), many(200, null)],
    [Type.Record(Type.String(), Type.Integer()), many(200, 0)],
    [Type.Array(Type.Integer()), Array(200).fill(0)],
    [Type.Unsafe({ type: 'array' }), Array(200).fill({ a: 0 })],
    [Type.Integer(), 5],
    [closed, null]
  ] as const
  for (const [schema, value] of CASES) {
    const before = structuredClone(value)
    t.equal(removeSurplus(value, schema), 0)
    t.same(value, before)
  }
  t.equal(removeSurplus({ ...many(100, null), ...many(201, 0) }, Type.Object({}, { additionalProperties: Type.Null() })), 101)
})
