import Fastify from 'fastify'
import { Type } from '@sinclair/typebox'
import { createApi, defineResource } from 'programming-languages-api'

const elements = defineResource({
  name: 'element',
  plural: 'elements',
  description: 'A chemical element',
  properties: { symbol: Type.String({ pattern: '^[A-Z][a-z]?$', maxLength: 2 }), number: Type.Integer({ minimum: 1 }) },
  id: ['symbol'],
  filters: { number: ['lte'] },
  page: { default: 50, most: 200 },
  operations: { create: false, replace: false, update: false, remove: false },
  records: [{ symbol: 'H', number: 1 }, { symbol: 'He', number: 2 }, { symbol: 'Li', number: 3 }]
})

const app = Fastify()
await app.register(createApi({ resources: [elements] }), { prefix: '/api' })
await app.listen({ port: 3000 })
