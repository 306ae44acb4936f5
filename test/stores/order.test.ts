import fc from 'fast-check'
import t from 'tap'
import { compareValues, rankOf } from '../../stores/order.js'

const text = fc.string({ unit: fc.constantFrom('a', 'z', '\ud7ff', '\ue000', '\uffff', '\u{10000}', '\u{10ffff}'), maxLength: 4 })

t.test('text is in the order of its code points', async () => {
  fc.assert(fc.property(text, text, (a, b) => {
    const expected = compareLists(codePoints(a), codePoints(b))
    return Math.sign(compareValues(a, b)) === expected && (rankOf(a, true) < rankOf(b, true)) === (expected < 0)
  }))
})

t.test('numbers are in the order of their size', async () => {
  fc.assert(fc.property(fc.integer(), fc.integer(), (a, b) => {
    return Math.sign(compareValues(a, b)) === Math.sign(a - b)
  }))
})

t.test('null is after all else', async (t) => {
  fc.assert(fc.property(fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean(), text), (value) => {
    const isText = typeof value === 'string'
    return compareValues(value, null) < 0 && compareValues(null, value) > 0 && rankOf(value, isText) < rankOf(null, isText)
  }))
  t.equal(compareValues(null, null), 0)
})

t.test('false is before true', async (t) => {
  t.ok(compareValues(false, true) < 0 && rankOf(false, false) < rankOf(true, false))
})

function codePoints (text: string): number[] {
  return Array.from(text, (character) => Number(character.codePointAt(0)))
}

function compareLists (a: readonly number[], b: readonly number[]): number {
  const different = a.findIndex((value, i) => value !== b[i])
  if (different === -1) return Math.sign(a.length - b.length)
  return Math.sign(Number(a[different]) - (b[different] ?? -1))
}
