import Fastify from 'fastify'
import { Type } from '@sinclair/typebox'
import { createApi, defineResource } from 'programming-languages-api'

const text = Type.String({ minLength: 1, maxLength: 100 })

const notes = defineResource({ name: 'note', plural: 'notes', description: 'A note, at /notes/{note_id}', properties: { text }, id: 'uuid' })

const countries = defineResource({
  name: 'country',
  plural: 'countries',
  description: 'A country, at /countries/{code}',
  properties: { code: Type.String({ pattern: '^[A-Z]{2}$', maxLength: 2 }), name: text },
  id: ['code']
})

const editions = defineResource({
  name: 'edition',
  plural: 'editions',
  description: 'An edition of a book, at /editions/{title}/{year}',
  properties: { title: text, year: Type.Integer({ minimum: 1450, maximum: 9999 }), publisher: Type.Optional(text) },
  id: ['title', 'year']
})

const app = Fastify()
await app.register(createApi({ resources: [notes, countries, editions], title: 'Ids of each kind' }), { prefix: '/api' })
await app.listen({ port: 3000 })
