// An app in TypeScript that registers the plugin, and one of its own resources: it compiles strictly, and checks the declarations of what it imports.

import assert from 'node:assert/strict'
import { Type, type Static } from '@sinclair/typebox'
import Fastify from 'fastify'
import programmingLanguages, { createApi, createMemoryStore, defineResource, HttpError, model, openStore, serve, StoreUnavailable } from 'programming-languages-api'
import type { Api, ApiOptions, NewProgrammingLanguage, ProgrammingLanguage, ServeOptions, Store } from 'programming-languages-api'

const records: readonly NewProgrammingLanguage[] = [{ name: 'Ada', publication_year: 1980, contribution: 'packages' }]
const memory: Store = createMemoryStore(model)
const away: Store = { ...memory, get () { throw new StoreUnavailable('it is away') } }
const options: ApiOptions = { store: memory, records, keyLifetime: 60, documentation: true }

const app = Fastify({ logger: { level: 'fatal' } })
await app.register(programmingLanguages, { ...options, prefix: '/api', logLevel: 'fatal', log: app.log })
await app.register(programmingLanguages, { prefix: '/away', store: away })
await app.register(programmingLanguages, { prefix: '/other', store: await openStore('memory:', model, { keyLifetime: 60 }) })
// @ts-expect-error: this store has no methods.
await assert.rejects(async () => await Fastify().register(programmingLanguages, { store: {} }), /store\/get is required/)

const answer = await app.inject('/api/programming_languages/0')
const language: ProgrammingLanguage = answer.json()
assert.deepEqual(language, { id: 0, ...records[0] })
assert.equal((await app.inject({ method: 'POST', url: '/api/programming_languages', payload: { ...language, id: 1 } })).statusCode, 400)
for (const path of ['/api/docs', '/api/openapi.json', '/api/health', '/other/programming_languages']) assert.equal((await app.inject(path)).statusCode, 200, path)
assert.equal((await app.inject('/away/programming_languages/0')).statusCode, 503)
await assert.rejects(async () => await openStore('lmdb:./data', model), { message: 'this store needs the package lmdb: npm install lmdb' })
await assert.rejects(async () => await openStore('postgres://127.0.0.1/', model), { message: 'this store needs the package pg: npm install pg' })
await app.close()

const books = defineResource({
  name: 'book',
  plural: 'books',
  description: 'A book',
  properties: {
    isbn: Type.String({ pattern: '^[0-9]{13}$', maxLength: 13 }),
    title: Type.String({ maxLength: 300 }),
    price: Type.Optional(Type.Number({ minimum: 0 })),
    tags: Type.Array(Type.String(), { default: [] }),
    changes: Type.Optional(Type.Integer({ readOnly: true }))
  },
  id: ['isbn'],
  filters: { price: ['lt', 'exists'], cheaper_than: { property: 'price', operator: 'lt' } },
  unique: [['title']],
  operations: { remove: false, update: { onRequest: async () => { throw new HttpError(403, 'not today') }, schema: { security: [{ token: [] }] } } },
  onWrite: ({ current, next }) => ({ ...next, title: next.title.trim(), changes: (current?.changes ?? 0) + 1 })
})
const definition = { name: 'x', plural: 'xs', description: 'An x', properties: { tags: Type.Array(Type.String()), name: Type.String() } } as const
// @ts-expect-error: an array is not filtered by.
assert.throws(() => defineResource({ ...definition, filters: { tags: ['eq'] } }), /tags/)
// @ts-expect-error: nor is it part of an id.
assert.throws(() => defineResource({ ...definition, id: ['tags'] }), /tags/)
// @ts-expect-error: there is no such property.
assert.throws(() => defineResource({ ...definition, unique: [['title']] }), /title/)

const library: Api = createApi({ resources: [books], title: 'Library', securitySchemes: { token: { type: 'http', scheme: 'bearer' } } })
const shelf = Fastify()
await shelf.register(library, { prefix: '/library', store: createMemoryStore })
const book: Static<typeof books.schemas.creation> = { isbn: '9780262510875', title: ' SICP ', price: 62.5, tags: [] }
const created = await shelf.inject({ method: 'POST', url: '/library/books', payload: book })
const { isbn, title, changes }: Static<typeof books.schemas.record> = created.json()
assert.deepEqual([created.statusCode, isbn, title, changes], [201, book.isbn, 'SICP', 1])
assert.equal((await shelf.inject({ method: 'PATCH', url: `/library/books/${isbn}`, payload: {} })).statusCode, 403)
assert.equal((await shelf.inject('/library/books?cheaper_than=70&total=true')).json().total, 1)
await shelf.close()

const settings: ServeOptions = { env: { PORT: 'none' } }
await serve(library, settings)
assert.equal(process.exitCode, 1)
process.exitCode = 0
