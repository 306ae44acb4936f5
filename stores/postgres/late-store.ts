import { setTimeout as pause } from 'node:timers/promises'
import type { Fields } from '../../schemas/resource.js'
import { StoreUnavailable, type Store, type Waiting } from '../store.js'

/** The pauses, in milliseconds, between attempts to open the store, and between lines in the log that it is not up. */
const RETRY = 500
const SAY_AGAIN = 5000

/**
 * A store that is not up yet, behind the contract of one that is. It calls `open` again and again; until that succeeds, everything fails
 * with the reason why it did not. `open` rejects with a `StoreUnavailable` where the store may be up later; any other failure is final.
 */
export function openLater (open: () => Promise<Store>, { seconds, reason, log, onGivenUp }: Waiting & { reason: StoreUnavailable }): Store {
  let failure: Error = reason
  let store: Store | undefined
  let startingRecords: readonly Fields[] = []
  const closing = new AbortController()
  const trying = keepTrying()

  return {
    get: (id) => current().get(id),
    list: (query) => current().list(query),
    create: (...args) => current().create(...args),
    update: (...args) => current().update(...args),
    delete: (...args) => current().delete(...args),
    ping: () => current().ping(),

    seed (records) {
      startingRecords = records
      return store?.seed(records)
    },

    async close () {
      closing.abort()
      await trying
      await store?.close()
    }
  }

  function current (): Store {
    if (store === undefined) throw new StoreUnavailable(failure.message)
    return store
  }

  async function keepTrying (): Promise<void> {
    const end = Date.now() + seconds * 1000
    let said = 0
    while (store === undefined) {
      if (Date.now() >= said + SAY_AGAIN) {
        said = Date.now()
        log.warn(`waiting for the store: ${failure.message}`)
      }
      await pause(RETRY, undefined, { signal: closing.signal }).catch(() => {})
      if (closing.signal.aborted) return
      try {
        store = await openAndSeed()
      } catch (error) {
        failure = error as Error
        if (!(error instanceof StoreUnavailable) || Date.now() >= end) return onGivenUp(error)
      }
    }
    log.info('the store is up')
  }

  async function openAndSeed (): Promise<Store> {
    const opened = await open()
    try {
      await opened.seed(startingRecords)
      return opened
    } catch (error) {
      await opened.close()
      throw error
    }
  }
}
