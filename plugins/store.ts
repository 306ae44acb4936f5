import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import type { Fields } from '../schemas/resource.js'
import { openStore } from '../stores/open.js'
import type { Model, Store, Waiting } from '../stores/store.js'

declare module 'fastify' {
  interface FastifyInstance {
    /** Where the records live. */
    store: Store
  }
}

export interface StoreOptions {
  /** What the store keeps. */
  model: Model
  /** The store to use, which stays open when the app closes; or the URL of one, which is opened, and closed with the app. */
  store: Store | string
  /** What a store that never held a record starts with. */
  records: readonly Fields[]
  /** For how many seconds the key of a write that happens once is remembered. */
  keyLifetime: number
  /** For how many seconds to wait for a store that is not up yet; 0 for not at all. */
  wait: number
  /** Is told why, where it did not come up. Default: that is logged. */
  onGivenUp?: Waiting['onGivenUp'] | undefined
  /** Where to say that it waits. Default: the logger of the app. */
  log?: FastifyBaseLogger | undefined
}

/** Decorates the app with the store. */
export const storage = fp(async function storage (app: FastifyInstance, { store, records, model, keyLifetime, wait, onGivenUp, log = app.log }: StoreOptions) {
  const waiting = { seconds: wait, log, onGivenUp: onGivenUp ?? ((reason) => log.error(reason, 'the store was given up')) }
  app.decorate('store', typeof store === 'string' ? await openStore(store, model, { keyLifetime, waiting: wait === 0 ? undefined : waiting }) : store)
  if (typeof store === 'string') app.addHook('onClose', () => app.store.close())
  await app.store.seed(records)
})
