import { Type } from '@sinclair/typebox'
import t from 'tap'
import { keywordsOf } from '../../schemas/keywords.js'

t.test('the keywords of a property, of which one that is not there has none', (t) => {
  const schema = Type.Object({ year: Type.Integer({ minimum: 1 }) })
  t.match(keywordsOf(schema, 'year'), { type: 'integer', minimum: 1 })
  t.same(keywordsOf(schema, 'month'), {})
  t.end()
})
