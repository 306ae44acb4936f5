import { Type, type Static, type TSchema } from '@sinclair/typebox'
import type { FastifyBaseLogger, FastifyInstance, RegisterOptions } from 'fastify'
import { openapi } from './openapi/document.js'
import { problems } from './plugins/problems.js'
import { storage } from './plugins/store.js'
import { validation } from './plugins/validation.js'
import { scopeByCredentials, type ScopeOf } from './http/idempotency.js'
import { compileRepresentation } from './http/representation.js'
import { compile } from './http/validation.js'
import { documentationRoutes } from './openapi/pages.js'
import { resourceRoutes } from './routes/resource.js'
import { serviceRoutes } from './routes/health.js'
import { programmingLanguage as resource, type NewProgrammingLanguage } from './schemas/programming-language.js'
import { KEY_LIFETIME, LONGEST_KEY_LIFETIME, LONGEST_WAIT, type Model, type Store } from './stores/store.js'

export { createMemoryStore } from './stores/memory.js'
export { openLmdbStore, openPostgresStore, openStore } from './stores/open.js'
export { StillRunning, StoreUnavailable } from './stores/store.js'
export type { NewProgrammingLanguage, ProgrammingLanguage } from './schemas/programming-language.js'
export type { Fields, Item, Operator } from './schemas/resource.js'
export type { Awaitable, Condition, Entry, Model, Once, Query, Receipt, Slice, SortKey, Store, StoreSettings, Value } from './stores/store.js'

const A_FUNCTION = {
  not: { anyOf: ['null', 'boolean', 'number', 'string', 'array', 'object'].map((type) => ({ type })) },
  'x-messages': { not: 'must be a function' }
}

const Options = Type.Object({
  /** Where the records live: a store, which stays open when the app closes, or the URL of one. Default: `memory:`, a new one in memory. */
  store: Type.Optional(Type.Unsafe<Store | string>({
    if: { type: 'string' },
    else: objectWith<Store>('a store, or the URL of one', ['get', 'list', 'create', 'update', 'delete', 'seed', 'ping', 'close'])
  })),
  /** The records that a store starts with which never held any; `[]` for nothing. Default: eight languages of the 1950s to 1970s. */
  records: Type.Optional(Type.Unsafe<readonly NewProgrammingLanguage[]>(Type.Array(resource.schemas.creation))),
  /** For how long, in seconds, the key of a write that happens once is remembered, in a store that a URL names. Default: 24 hours. */
  keyLifetime: Type.Optional(Type.Integer({ minimum: 1, maximum: LONGEST_KEY_LIFETIME })),
  /**
   * Says whose the `Idempotency-Key` of a request is: with another scope, the same key is another. Default: the request's
   * `Authorization`. Give a user's or a tenant's name where credentials are renewed between two attempts, or are elsewhere.
   */
  idempotencyScope: Type.Optional(Type.Unsafe<ScopeOf>(A_FUNCTION)),
  /** For how long, in seconds, to wait for a database that is not up when the app starts: everything is 503 meanwhile. Default: 0, it must be up. */
  storeWait: Type.Optional(Type.Integer({ minimum: 0, maximum: LONGEST_WAIT })),
  /** Is told why, where it did not come up in that time, or never will. Default: that is logged, and everything stays 503. */
  onStoreGivenUp: Type.Optional(Type.Unsafe<(reason: unknown) => void>(A_FUNCTION)),
  /**
   * Whether to serve the documentation. Default: true; where the host app has `@fastify/swagger` already, the
   * operations are in its document instead, and no other is served.
   */
  documentation: Type.Optional(Type.Boolean()),
  /** Where to log what went wrong, with the id of the request. Default: the logger that the host app has for the request. */
  log: Type.Optional(Type.Unsafe<FastifyBaseLogger>(objectWith<FastifyBaseLogger>('a logger', ['fatal', 'error', 'warn', 'info', 'debug', 'trace'])))
})

/** The options of the plugin, beside those that Fastify's `register` takes for itself. */
export type ApiOptions = Static<typeof Options>

const any = Type.Optional(Type.Unknown())

/** What Fastify has taken for itself, and hands on to the plugin with the rest. */
const TAKEN = { prefix: any, logLevel: any, logSerializers: any } satisfies Record<keyof RegisterOptions, TSchema>

const { check: checkOptions } = compile(Type.Object({ ...Options.properties, ...TAKEN }, { additionalProperties: false }), 'body')

/** A schema of what only its methods tell. */
function objectWith<T> (what: string, required: readonly (keyof T)[]) {
  return { type: 'object', required, 'x-messages': { type: `must be ${what}` } }
}

/** The description of this resource for a store: give it to one that you make. */
export const model: Model = {
  name: resource.plural,
  schema: resource.schemas.record,
  sortable: resource.sortable,
  filtered: Object.values(resource.filters).map(({ property }) => property),
  represent: compileRepresentation(resource.schemas.record)
}

/**
 * The whole API as one Fastify plugin: `await app.register(api, { prefix: '/api' })`. It changes nothing of its host.
 * Throws where an option is unknown, or is not what it should be, and names each.
 */
export default async function api (app: FastifyInstance, options: ApiOptions): Promise<void> {
  const violations = checkOptions(options)
  if (violations.length > 0) throw new Error(`the options are not valid: ${violations.map(({ pointer, detail }) => `${pointer?.slice(1)} ${detail}`).join('; ')}`)
  const { store = 'memory:', records = resource.records, documentation = true, log, idempotencyScope = scopeByCredentials } = options
  const { keyLifetime = KEY_LIFETIME, storeWait = 0, onStoreGivenUp } = options
  const documented = documentation && !app.hasDecorator('swagger')

  await app.register(problems, { log })
  await app.register(validation)
  await app.register(storage, { model, store, keyLifetime, records, wait: storeWait, log, onGivenUp: onStoreGivenUp })
  if (documented) await app.register(openapi, { resource })
  await app.register(resourceRoutes, { resource, scopeOf: idempotencyScope })
  await app.register(serviceRoutes)
  if (documented) await app.register(documentationRoutes, { resource })
}
