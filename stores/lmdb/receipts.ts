import type { RootDatabase } from 'lmdb'
import type { Receipts } from '../receipts.js'
import { KEY_LIFETIME, type Receipt } from '../store.js'

interface Kept extends Receipt {
  /** In milliseconds since 1970. */
  readonly expires: number
}

/** The most expired keys that one write forgets: more than the one that it adds, so that they become fewer. */
const MOST_FORGOTTEN = 10

/** Remembers the keys of writes to a model in an environment for so many seconds. */
export function createLmdbReceipts (environment: RootDatabase, model: string, lifetime = KEY_LIFETIME): Receipts {
  const receipts = environment.openDB<Kept, string>(`${model} receipts`, { encoding: 'json' })
  /** The keys in the order in which they expire. */
  const expiry = environment.openDB<true, [number, string]>(`${model} expiry`, { encoding: 'json' })

  return {
    find ({ key }) {
      const kept = receipts.get(key)
      if (kept === undefined || kept.expires <= Date.now()) return undefined
      const { expires, ...receipt } = kept
      return receipt
    },

    keep ({ key, fingerprint }, entry) {
      forgetExpired()
      const expires = Date.now() + lifetime * 1000
      receipts.putSync(key, { ...entry, fingerprint, expires })
      expiry.putSync([expires, key], true)
    }
  }

  function forgetExpired (): void {
    for (const key of [...expiry.getKeys({ end: [Date.now()], limit: MOST_FORGOTTEN })]) {
      expiry.removeSync(key)
      // Where it was used again since, it has another time.
      if (receipts.get(key[1])?.expires === key[0]) receipts.removeSync(key[1])
    }
  }
}
