import { Type, type Static, type TSchema } from '@sinclair/typebox'
import type { FastifyBaseLogger, onRequestHookHandler, RegisterOptions } from 'fastify'
import type { Fields, Resource } from '../schemas/resource.js'
import { KEY_LIFETIME, LONGEST_KEY_LIFETIME, LONGEST_WAIT, type Store } from '../stores/store.js'
import { scopeByCredentials, type ScopeOf } from '../http/idempotency.js'
import { compile, describeViolations } from '../http/validation.js'
import type { SecuritySchemes } from '../openapi/document.js'
import type { MakeStore } from '../plugins/store.js'
import { compileFirstRecords } from './first-records.js'

const A_FUNCTION = {
  not: { type: ['null', 'boolean', 'number', 'string', 'array', 'object'] },
  'x-messages': { not: 'must be a function' }
}

const STORE = objectWith<Store>('a store, or the URL of one', ['get', 'list', 'create', 'update', 'delete', 'seed', 'ping', 'close'])

/** Who may call the operations of an API. */
export interface Guard {
  /** How callers may say who they are (OpenAPI's security schemes), any one of them: the document and Authorize in its pages have them. */
  readonly securitySchemes: SecuritySchemes
  /** Is asked about each write before anything else of it is looked at. It throws, or calls back with, an error for a caller who may not: an `HttpError('unauthorized', …)`. */
  readonly onRequest: onRequestHookHandler
  /** Whether it is asked about reads too. Health and the documentation stay open. Default: false. */
  readonly reads?: boolean
}

const Options = Type.Object({
  /**
   * Where the records live: a store, which stays open when the app closes, the URL of one, or, where there are several resources, a function that
   * makes a store of the model of each. Default: `memory:`, a new one in memory.
   */
  store: Type.Optional(Type.Unsafe<Store | MakeStore | string>({ if: { anyOf: [{ type: 'string' }, A_FUNCTION] }, else: STORE })),
  /** The records that a store starts with which never held any, by the plural of their resource, or of the only one; `[]` for none. Default: those of the resource. */
  records: Type.Optional(Type.Unsafe<readonly Fields[] | Readonly<Record<string, readonly Fields[]>>>({})),
  /** For how long, in seconds, the key of a write that happens once is remembered, in a store that a URL names. Default: 24 hours. */
  keyLifetime: Type.Optional(Type.Integer({ minimum: 1, maximum: LONGEST_KEY_LIFETIME })),
  /**
   * Says whose the `Idempotency-Key` of a request is: with another scope, the same key is another. Default: the request's
   * `Authorization`. Give a user's or a tenant's name where credentials are renewed between two attempts, or are elsewhere.
   */
  idempotencyScope: Type.Optional(Type.Unsafe<ScopeOf>(A_FUNCTION)),
  /** Who may write, and read. Default: everybody, where the definitions of the operations do not say otherwise. */
  guard: Type.Optional(Type.Unsafe<Guard>(objectWith<Guard>('a guard', ['securitySchemes', 'onRequest']))),
  /** For how long, in seconds, to wait for a database that is not up when the app starts: everything is 503 meanwhile. Default: 0, it must be up. */
  storeWait: Type.Optional(Type.Integer({ minimum: 0, maximum: LONGEST_WAIT })),
  /** Is told why, where it did not come up in that time, or never will. Default: that is logged, and everything stays 503. */
  onStoreGivenUp: Type.Optional(Type.Unsafe<(reason: unknown) => void>(A_FUNCTION)),
  /** Tells whether the server may get more requests: `/health` is 503 where not. Default: always. */
  isReady: Type.Optional(Type.Unsafe<() => boolean>(A_FUNCTION)),
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

/** A schema of what only its methods tell. */
function objectWith<T> (what: string, required: readonly (keyof T)[]) {
  return { type: 'object', required, 'x-messages': { type: `must be ${what}` } }
}

/** Compiles the check of the options of an API of some resources, which fills in what is not given. It throws where one is unknown, or is not what it should be, and names each. */
export function compileOptions (resources: readonly Resource[]) {
  const lists = Type.Object(Object.fromEntries(resources.map(({ plural }) => [plural, Type.Optional(Type.Array(Type.Unknown()))])), { additionalProperties: false })
  const records = { if: { type: 'array' }, then: resources.length === 1 ? {} : { maxItems: 0, 'x-messages': { maxItems: 'must be an object with a list for each resource, or []' } }, else: { ...lists, 'x-messages': { type: 'must be array, or object with one for each resource' } } }
  const schema = Type.Object({ ...Options.properties, records: Type.Optional(Type.Unsafe(records)), ...TAKEN }, { additionalProperties: false })
  const { check } = compile(schema, 'body')
  const first = resources.map((resource) => ({ ...resource, read: compileFirstRecords(resource) }))
  for (const { plural, records, read } of first) read(records, `the resource ${plural} is`, 'records')
  return (options: ApiOptions) => {
    const violations = check(options)
    if (violations.length > 0) throw new Error(`the options are not valid: ${describeViolations(violations)}`)
    const { store = 'memory:', records = {}, documentation = true, idempotencyScope = scopeByCredentials, keyLifetime = KEY_LIFETIME, storeWait = 0, isReady = () => true } = options
    const firstRecords = first.map(({ plural, records: own, read }) => isList(records)
      ? read(records, 'the options are', 'records')
      : read(records[plural] ?? own, 'the options are', `records/${plural}`))
    return { ...options, store, records: firstRecords, documentation, idempotencyScope, keyLifetime, storeWait, isReady }
  }
}

const isList = (records: NonNullable<ApiOptions['records']>): records is readonly Fields[] => Array.isArray(records)
