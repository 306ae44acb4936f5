import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import type { Fields } from '../schemas/resource.js'
import { openStore } from '../stores/open.js'
import type { Model, Store, StoreSettings } from '../stores/store.js'

declare module 'fastify' {
  interface FastifyInstance {
    /** Where the records live. */
    store: Store
  }
}

export interface StoreOptions extends StoreSettings {
  /** What the store keeps. */
  model: Model
  /** The store to use, which stays open when the app closes; or the URL of one, which is opened, and closed with the app. */
  store: Store | string
  /** What a store that never held a record starts with. */
  records: readonly Fields[]
}

/** Decorates the app with the store. */
export const storage = fp(async function storage (app: FastifyInstance, { store, records, model, ...settings }: StoreOptions) {
  app.decorate('store', typeof store === 'string' ? await openStore(store, model, settings) : store)
  if (typeof store === 'string') app.addHook('onClose', () => app.store.close())
  await app.store.seed(records)
})
