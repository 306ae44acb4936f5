import type { TSchema } from '@sinclair/typebox'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { compileCheck, type Check } from '../http/validation.js'
import type { Fields } from '../schemas/resource.js'
import { createMemoryStore } from '../stores/memory.js'
import type { Model, Store } from '../stores/store.js'

declare module 'fastify' {
  interface FastifyInstance {
    /** Where the records live. */
    store: Store
  }
}

export interface StoreOptions {
  /** What the store keeps. */
  model: Model
  /** The store to use; it stays open when the app closes. Default: a new one in memory. */
  store?: Store | undefined
  /** What a store that never held a record starts with. */
  records: readonly Fields[]
  /** What each of them must satisfy. */
  schema: TSchema
}

/** Decorates the app with the store. */
export const storage = fp(async function storage (app: FastifyInstance, { model, store, records, schema }: StoreOptions) {
  checkRecords(records, compileCheck(schema, 'body'))
  app.decorate('store', store ?? createMemoryStore(model))
  if (store === undefined) app.addHook('onClose', () => app.store.close())
  await app.store.seed(records)
})

function checkRecords (records: readonly Fields[], check: Check): void {
  const violations = records.flatMap((record, i) => check(record).map(({ pointer, detail }) => `records[${i}]${pointer} ${detail}`))
  if (violations.length > 0) throw new Error(`a starting record is not valid: ${violations.join('; ')}`)
}
