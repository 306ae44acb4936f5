import { Ajv } from 'ajv'
import fc from 'fast-check'
import t from 'tap'
import { judgeLengthsByUnits } from '../../http/text-length.js'

t.test('the length of a text is judged as the validator itself would', async () => {
  const [own, ours] = [new Ajv({ allErrors: true }), judgeLengthsByUnits(new Ajv({ allErrors: true }))]
  const text = fc.string({ unit: fc.constantFrom('a', 'é', '\u{1F600}', '\ud800', '\udc00'), maxLength: 12 })
  const limits = fc.record({ minLength: fc.nat(12), maxLength: fc.nat(12) }, { requiredKeys: [] })
  await fc.assert(fc.asyncProperty(text, limits, async (text, limits) => {
    const [expected, found] = [own, ours].map((ajv) => {
      ajv.validate(limits, text)
      return ajv.errors
    })
    t.same(found, expected)
  }))
})
