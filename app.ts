import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import { openapi } from './plugins/openapi.js'
import { problems } from './plugins/problems.js'
import { serialization } from './plugins/serialization.js'
import { storage } from './plugins/store.js'
import { validation } from './plugins/validation.js'
import { compileRepresentation } from './http/representation.js'
import { documentationRoutes } from './routes/documentation.js'
import { resourceRoutes } from './routes/resource.js'
import { serviceRoutes } from './routes/service.js'
import { programmingLanguage as resource, type NewProgrammingLanguage } from './schemas/programming-language.js'
import { KEY_LIFETIME, type Model, type Store, type StoreSettings } from './stores/store.js'

export { createMemoryStore } from './stores/memory.js'
export { openLmdbStore, openPostgresStore, openStore } from './stores/open.js'
export { StillRunning, StoreUnavailable } from './stores/store.js'
export type { NewProgrammingLanguage, ProgrammingLanguage } from './schemas/programming-language.js'
export type { Fields, Item, Operator } from './schemas/resource.js'
export type { Awaitable, Condition, Entry, Model, Once, Query, Receipt, Slice, SortKey, Store, StoreSettings, Value } from './stores/store.js'

export interface ApiOptions extends StoreSettings {
  /** Where the records live: a store, which stays open when the app closes, or the URL of one. Default: `memory:`, a new one in memory. */
  store?: Store | string
  /** What a store that never held a record starts with; `[]` for nothing. Default: eight languages of the 1950s to 1970s. */
  records?: readonly NewProgrammingLanguage[]
  /**
   * Whether to serve the documentation. Default: true; where the host app has `@fastify/swagger` already, the
   * operations are in its document instead, and no other is served.
   */
  documentation?: boolean
  /** Where to log what went wrong, with the id of the request. Default: the logger that the host app has for the request. */
  log?: FastifyBaseLogger
}

/** What a store keeps of this resource: give it to a store that you make. */
export const model: Model = {
  name: resource.plural,
  schema: resource.schemas.record,
  sortable: resource.sortable,
  filtered: Object.values(resource.filters).map(({ property }) => property),
  represent: compileRepresentation(resource.schemas.record)
}

/** The whole API as one Fastify plugin: `await app.register(api, { prefix: '/api' })`. It changes nothing of its host. */
export default async function api (app: FastifyInstance, options: ApiOptions): Promise<void> {
  const { store = 'memory:', records = resource.records, documentation = true, log, keyLifetime = KEY_LIFETIME } = options
  const documented = documentation && !app.hasDecorator('swagger')

  await app.register(problems, { log })
  await app.register(validation)
  await app.register(serialization)
  await app.register(storage, { model, store, keyLifetime, records, schema: resource.schemas.creation })
  if (documented) await app.register(openapi, { resource })
  await app.register(resourceRoutes, { resource })
  await app.register(serviceRoutes)
  if (documented) await app.register(documentationRoutes, { resource })
}
