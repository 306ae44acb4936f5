import Fastify from 'fastify'
import { Type } from '@sinclair/typebox'
import { createApi, defineResource, HttpError } from 'programming-languages-api'

const onlyWriters = { onRequest: checkToken, schema: { security: [{ token: [] }] } }

const books = defineResource({
  name: 'book',
  plural: 'books',
  description: 'A book',
  properties: { title: Type.String({ maxLength: 300 }) },
  operations: { create: onlyWriters, replace: onlyWriters, update: onlyWriters, remove: onlyWriters }
})

const api = createApi({ resources: [books], securitySchemes: { token: { type: 'http', scheme: 'bearer' } } })

async function checkToken ({ headers }) {
  if (headers.authorization !== 'Bearer secret') throw new HttpError(401, 'only writers may do this', { 'www-authenticate': 'Bearer' })
}

const app = Fastify()
await app.register(api, { prefix: '/api' })
await app.listen({ port: 3000 })
