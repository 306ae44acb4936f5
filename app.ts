import { createApi, toModel } from './routes/api.js'
import { programmingLanguage } from './schemas/programming-language.js'

export { createApi, toModel, type Api, type ApiDefinition } from './routes/api.js'
export type { ApiOptions } from './routes/options.js'
export { defineResource } from './schemas/resource.js'
export type { Definition, Fields, FilterOperator, Item, Operator, OperationName, OperationOptions, RecordOf, Resource, Write } from './schemas/resource.js'
export type { NewProgrammingLanguage, ProgrammingLanguage } from './schemas/programming-language.js'
export { HttpError } from './http/error.js'
export { createMemoryStore } from './stores/memory.js'
export { openLmdbStore, openPostgresStore, openStore, openStores } from './stores/open.js'
export { Duplicate, StillRunning, StoreUnavailable } from './stores/store.js'
export type { Awaitable, Condition, Entry, Id, Model, Once, Query, Receipt, Slice, SortKey, Store, StoreSettings, Value } from './stores/store.js'

/** The API of the programming languages, as one Fastify plugin: `await app.register(api, { prefix: '/api' })`. */
const api = createApi({ resources: [programmingLanguage], info: { license: { name: 'MIT', identifier: 'MIT' } } })

export default api

/** The description of the languages for a store: give it to one that you make. */
export const model = toModel(programmingLanguage)
