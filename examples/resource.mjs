import Fastify from 'fastify'
import { Type } from '@sinclair/typebox'
import { createApi, defineResource } from 'programming-languages-api'

const books = defineResource({
  name: 'book',
  plural: 'books',
  description: 'A book',
  properties: {
    isbn: Type.String({ pattern: '^[0-9]{13}$', maxLength: 13 }),
    title: Type.String({ minLength: 1, maxLength: 300 }),
    price: Type.Optional(Type.Number({ minimum: 0 }))
  },
  id: ['isbn'],
  filters: { title: ['prefix'], price: ['gte', 'exists'], cheaper_than: { property: 'price', operator: 'lt' } },
  unique: [['title']],
  records: [{ isbn: '9780262510875', title: 'Structure and Interpretation of Computer Programs', price: 62.5 }]
})

const app = Fastify()
await app.register(createApi({ resources: [books], title: 'Library' }), { prefix: '/api', store: 'memory:' })
await app.listen({ port: 3000 })
