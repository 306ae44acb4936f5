import { setTimeout as pause } from 'node:timers/promises'
import type { Fields } from '../../schemas/resource.js'
import { StoreUnavailable, type Store, type Waiting } from '../store.js'
import { shareOut } from '../shares.js'

/** The pauses, in milliseconds, between attempts to open the stores, and between lines in the log that they are not up. */
const RETRY = 500
const SAY_AGAIN = 5000

/**
 * Stores that are not up yet, behind the contract of those that are. It calls `open` again and again; until that succeeds, everything fails
 * with the reason why it did not. `open` rejects with a `StoreUnavailable` where they may be up later; any other failure is final.
 */
export function openLater (open: () => Promise<Store[]>, count: number, { seconds, reason, log, onGivenUp }: Waiting & { reason: StoreUnavailable }): Store[] {
  let failure: Error = reason
  let stores: Store[] | undefined
  const startingRecords: (readonly Fields[])[] = []
  const closing = new AbortController()
  const trying = keepTrying()

  return shareOut(Array.from({ length: count }, (_, i) => storeAt(i)), close)

  function storeAt (i: number): Omit<Store, 'close'> {
    return {
      get: (id) => current(i).get(id),
      list: (query) => current(i).list(query),
      count: (where) => current(i).count(where),
      create: (...args) => current(i).create(...args),
      update: (...args) => current(i).update(...args),
      put: (...args) => current(i).put(...args),
      delete: (...args) => current(i).delete(...args),
      ping: () => current(i).ping(),
      seed (records) {
        startingRecords[i] = records
        return stores?.[i]?.seed(records)
      }
    }
  }

  function current (i: number): Store {
    const store = stores?.[i]
    if (store === undefined) throw new StoreUnavailable(failure.message)
    return store
  }

  async function close (): Promise<void> {
    closing.abort()
    await trying
    if (stores !== undefined) await closeAll(stores)
  }

  async function keepTrying (): Promise<void> {
    const end = Date.now() + seconds * 1000
    let said = 0
    while (stores === undefined) {
      if (Date.now() >= said + SAY_AGAIN) {
        said = Date.now()
        log.warn(`waiting for the store: ${failure.message}`)
      }
      await pause(RETRY, undefined, { signal: closing.signal }).catch(() => {})
      if (closing.signal.aborted) return
      try {
        stores = await openAndSeed()
      } catch (error) {
        failure = error as Error
        if (!(error instanceof StoreUnavailable) || Date.now() >= end) return onGivenUp(error)
      }
    }
    log.info('the store is up')
  }

  async function openAndSeed (): Promise<Store[]> {
    const opened = await open()
    try {
      for (const [i, store] of opened.entries()) await store.seed(startingRecords[i] ?? [])
      return opened
    } catch (error) {
      await closeAll(opened)
      throw error
    }
  }
}

async function closeAll (stores: readonly Store[]): Promise<void> {
  for (const store of stores) await store.close()
}
