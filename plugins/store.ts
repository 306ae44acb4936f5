import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import type { Fields } from '../schemas/resource.js'
import { openStores } from '../stores/open.js'
import type { Model, Store, Waiting } from '../stores/store.js'

declare module 'fastify' {
  interface FastifyInstance {
    /** Where the records of a resource live: in its own scope. */
    store: Store
  }
}

/** Makes a store for some records, or waits for one. */
export type MakeStore = (model: Model) => Store | Promise<Store>

/** `ApiOptions` says what they are for; there, `wait` is `storeWait`, and `onGivenUp` is `onStoreGivenUp`. */
interface StoreOptions {
  models: readonly Model[]
  store: Store | MakeStore | string
  /** The first records of each model. */
  records: readonly (readonly Fields[])[]
  keyLifetime: number
  wait: number
  onGivenUp?: Waiting['onGivenUp'] | undefined
  log?: FastifyBaseLogger | undefined
}

/** Opens a store for each of some models, which closes with the app if a URL names it, and gives it its first records. */
export async function prepareStores (app: FastifyInstance, { store, models, records, keyLifetime, wait, onGivenUp, log = app.log }: StoreOptions): Promise<readonly Store[]> {
  const waiting = { seconds: wait, log, onGivenUp: onGivenUp ?? ((reason) => log.error(reason, 'the store was given up')) }
  const stores = typeof store === 'string'
    ? await openStores(store, models, { keyLifetime, waiting: wait === 0 ? undefined : waiting })
    : await Promise.all(models.map(async (model) => typeof store === 'function' ? store(model) : store))
  if (typeof store === 'string') app.addHook('onClose', async () => { await Promise.all(stores.map(async (store) => store.close())) })
  for (const [i, store] of stores.entries()) {
    for (const first of records.slice(i, i + 1)) await store.seed(first)
  }
  return stores
}
