import Fastify from 'fastify'
import { Type } from '@sinclair/typebox'
import { createApi, defineResource } from 'programming-languages-api'

const authors = defineResource({
  name: 'author',
  plural: 'authors',
  description: 'Somebody who writes books',
  properties: { name: Type.String({ maxLength: 200 }), born: Type.Optional(Type.String({ format: 'date' })) },
  filters: { born: ['lt', 'gte'] }
})

const books = defineResource({
  name: 'book',
  plural: 'books',
  description: 'A book',
  properties: { title: Type.String({ maxLength: 300 }), author_id: Type.Integer({ minimum: 0 }) },
  filters: { author_id: ['eq'] }
})

const library = createApi({ resources: [authors, books], title: 'Library', version: '2.1.0' })

const app = Fastify()
await app.register(library, {
  prefix: '/api',
  records: { authors: [{ name: 'Donald E. Knuth', born: '1938-01-10' }], books: [{ title: 'The Art of Computer Programming', author_id: 0 }] }
})
await app.listen({ port: 3000 })
