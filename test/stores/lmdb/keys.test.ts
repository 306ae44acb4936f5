import fc from 'fast-check'
import t from 'tap'
import { bytesOfId, encodeKey, idOfKey, toBytes, valueOfKey } from '../../../stores/lmdb/keys.js'
import { compareValues } from '../../../stores/order.js'

const id = fc.maxSafeNat()
const number = fc.double({ noNaN: true }).map((number) => number + 0)
const text = fc.string({ unit: fc.constantFrom('a', 'b', 'é', '\uFFFD', '\u{1F600}', '\u0001', 'z'), maxLength: 10 })

for (const [name, value] of Object.entries({ number, text })) {
  t.test(`keys are in the order of the values and ids: ${name}`, async (t) => {
    fc.assert(fc.property(value, id, value, id, (a, idA, b, idB) => {
      const sign = compareValues(a, b) || compareValues(idA, idB)
      const [keyA, keyB] = [encodeKey(a, idA), encodeKey(b, idB)]
      t.equal(Math.sign(Buffer.compare(toBytes(keyA), toBytes(keyB))), sign)
      t.equal(compareValues(toBytes(keyA).toString('latin1'), keyA), 0)
      t.equal(valueOfKey(keyA), a)
      t.equal(idOfKey(keyA), idA)
      t.ok(encodeKey(a, -Infinity) < keyA && keyA < encodeKey(a, Infinity))
    }))
  })
}

t.test('the key of an id is that of its own value', async (t) => {
  fc.assert(fc.property(id, (id) => { t.same(bytesOfId(id), toBytes(encodeKey(id, id))) }))
})

t.test('a key always fits into LMDB', async (t) => {
  for (const text of ['\uFFFD'.repeat(2000), '\u{1F600}'.repeat(2000), 'a' + '\u{1F600}'.repeat(2000)]) {
    t.ok(encodeKey(text, 1).length <= 1978)
    t.ok(text.startsWith(String(valueOfKey(encodeKey(text, 1)))))
  }
})
