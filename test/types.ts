import { Type } from '@sinclair/typebox'
import fastify from 'fastify'
import { createApi, defineResource, type RecordOf } from '../app.js'

// What must and what must not compile: `npm run typecheck` looks at this file, and nobody runs it.

const properties = {
  isbn: Type.String({ maxLength: 13 }),
  price: Type.Optional(Type.Number()),
  subtitle: Type.Union([Type.String(), Type.Null()]),
  genre: Type.Union([Type.Literal('novel'), Type.Literal('essay')]),
  tags: Type.Array(Type.String()),
  size: Type.Object({ width: Type.Number() }),
  made_at: Type.Optional(Type.String({ format: 'date-time', readOnly: true }))
}
const names = { name: 'book', plural: 'books', description: 'A book', properties } as const
const BOOK = { isbn: 'x', subtitle: null, genre: 'novel' as const, tags: [], size: { width: 1 } }

export const books = defineResource({
  ...names,
  id: ['isbn'],
  filters: { isbn: ['eq', 'prefix'], price: ['lt', 'exists'], cheaper_than: { property: 'price', operator: 'lt', default: 100 } },
  sortable: ['price', 'genre'],
  unique: [['subtitle', 'genre']],
  records: [BOOK],
  page: { default: 10, most: 50 },
  operations: { remove: false, create: { onRequest: async () => {}, schema: { security: [{ bearer: [] }] } } },
  onWrite ({ current, next, request }) {
    const price: number | undefined = current?.price
    return { ...next, genre: 'essay' as const, price: (price ?? 0) + 1, made_at: String(request.id) }
  }
})

export const record: RecordOf<typeof properties, 'uuid'> = { id: 'x', ...BOOK }
export const counted: RecordOf<typeof properties, 'counter'> = { id: 1, ...BOOK }

// @ts-expect-error An id of the counter is a number.
export const miscounted: RecordOf<typeof properties, 'counter'> = { id: 'x', ...BOOK }

// @ts-expect-error An array cannot be compared.
defineResource({ ...names, filters: { tags: ['eq'] } })
// @ts-expect-error Nor can an object.
defineResource({ ...names, filters: { size: ['exists'] } })
// @ts-expect-error There is no such operator.
defineResource({ ...names, filters: { price: ['like'] } })
// @ts-expect-error There is no such property, so this must be a filter with a name of its own.
defineResource({ ...names, filters: { prize: ['eq'] } })
// @ts-expect-error A filter with a name of its own looks at a property that there is.
defineResource({ ...names, filters: { cheaper: { property: 'prize', operator: 'lt' } } })
// @ts-expect-error And at one that can be compared.
defineResource({ ...names, filters: { cheaper: { property: 'tags', operator: 'eq' } } })
// @ts-expect-error There is no such property.
defineResource({ ...names, id: ['isbm'] })
// @ts-expect-error There is no such kind of id.
defineResource({ ...names, id: 'serial' })
// @ts-expect-error An id has a property at least.
defineResource({ ...names, id: [] })
// @ts-expect-error An array identifies nothing.
defineResource({ ...names, id: ['tags'] })
// @ts-expect-error There is no such property.
defineResource({ ...names, unique: [['isbm']] })
// @ts-expect-error A unique set is a list.
defineResource({ ...names, unique: ['isbn'] })
// @ts-expect-error There is no such property.
defineResource({ ...names, sortable: ['isbm'] })
// @ts-expect-error An array has no order.
defineResource({ ...names, sortable: ['tags'] })
// @ts-expect-error A record lacks a property.
defineResource({ ...names, records: [{ isbn: 'x' }] })
// @ts-expect-error A record has a value of another type.
defineResource({ ...names, records: [{ ...BOOK, genre: 'poem' }] })
// @ts-expect-error There is no such operation.
defineResource({ ...names, operations: { destroy: false } })
// @ts-expect-error onWrite returns the whole record.
defineResource({ ...names, onWrite: () => ({ isbn: 'x' }) })
// @ts-expect-error onWrite returns values of the right types.
defineResource({ ...names, onWrite: ({ next }) => ({ ...next, price: 'free' }) })
// @ts-expect-error onWrite is synchronous.
defineResource({ ...names, onWrite: async ({ next }) => next })
// @ts-expect-error There is no such property in what onWrite is given.
defineResource({ ...names, onWrite: ({ next }) => ({ ...next, isbn: next.isbm }) })
// @ts-expect-error A resource has a name.
defineResource({ plural: 'books', description: 'A book', properties })

const api = createApi({ resources: [books, defineResource(names)], securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } }, paths: { docs: false } })
await fastify().register(api, { prefix: '/api', store: 'memory:', records: { books: [BOOK] } })
// @ts-expect-error There is no such option.
await fastify().register(api, { stores: 'memory:' })
// @ts-expect-error An API has resources.
createApi({})
// @ts-expect-error Each of them is made by `defineResource`.
createApi({ resources: [names] })
