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

/** `ApiOptions` says what they are for; there, `wait` is `storeWait`, and `onGivenUp` is `onStoreGivenUp`. */
interface StoreOptions {
  model: Model
  store: Store | string
  records: readonly Fields[]
  keyLifetime: number
  wait: number
  onGivenUp?: Waiting['onGivenUp'] | undefined
  log?: FastifyBaseLogger | undefined
}

/** Decorates the app with the store. */
export const storage = fp(async function storage (app: FastifyInstance, { store, records, model, keyLifetime, wait, onGivenUp, log = app.log }: StoreOptions) {
  const waiting = { seconds: wait, log, onGivenUp: onGivenUp ?? ((reason) => log.error(reason, 'the store was given up')) }
  app.decorate('store', typeof store === 'string' ? await openStore(store, model, { keyLifetime, waiting: wait === 0 ? undefined : waiting }) : store)
  if (typeof store === 'string') app.addHook('onClose', () => app.store.close())
  await app.store.seed(records)
})
