import { Type } from '@sinclair/typebox'
import fc from 'fast-check'
import t from 'tap'
import { describeProperty } from '../../schemas/property.js'
import { idReader, keyOf } from '../../stores/ids.js'
import { compareBy } from '../../stores/order.js'

const properties = [Type.String(), Type.Number(), Type.Boolean(), Type.Integer()].map((schema, i) => describeProperty('abcd'.charAt(i), schema))
const records = fc.record({ a: fc.string({ unit: fc.constantFrom('a', 'b', '\u0001', '\u{1F600}', '\uFFFD'), maxLength: 3 }), b: fc.double({ noNaN: true }), c: fc.boolean(), d: fc.maxSafeInteger() })

t.test('an id of several values has their order, and they are found in it again', async () => {
  const key = ['a', 'b', 'c', 'd']
  const [idOf, valuesOf] = [idReader(key), keyOf({ key, properties })]
  const compare = compareBy(key.map((property) => ({ property, descending: false })))
  fc.assert(fc.property(records, records, (one, other) => {
    // The order of UTF-8 is that of the code points.
    const bytesOf = (record: typeof one) => Buffer.from(String(idOf(record)))
    t.equal(Buffer.compare(bytesOf(one), bytesOf(other)), compare(one, other))
    t.same(valuesOf(idOf(one)), [one.a, one.b + 0, one.c, one.d])
  }))
})

t.test('that of one value is the value', async (t) => {
  t.same(keyOf({ key: ['b'], properties })(0.5), [0.5])
  t.same(keyOf({ key: ['a'], properties })('x'), ['x'])
  t.equal(idReader(['c'])({ c: true }), 'true')
})
