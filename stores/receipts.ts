import { KEY_LIFETIME, type Entry, type Once, type Receipt } from './store.js'

/** The most keys to remember: where there are more, the oldest is forgotten before its time. */
const MOST_KEYS = 100_000

/** What writes with a key made, in the memory of the process. */
export interface Receipts {
  /** What an earlier write with this key made. */
  find (once: Once | undefined): Receipt | undefined
  /** Remembers what a write with a key has made. */
  keep (once: Once | undefined, entry: Entry): void
}

/** Remembers keys for so many seconds. */
export function createReceipts (lifetime = KEY_LIFETIME, most = MOST_KEYS): Receipts {
  // In the order in which they were made, which is that in which they expire.
  const receipts = new Map<string, { readonly receipt: Receipt, readonly expires: number }>()

  return {
    find (once) {
      if (once === undefined) return undefined
      forgetExpired()
      return receipts.get(once.key)?.receipt
    },

    keep (once, entry) {
      if (once === undefined) return
      receipts.set(once.key, { receipt: { ...entry, fingerprint: once.fingerprint }, expires: Date.now() + lifetime * 1000 })
      if (receipts.size > most) receipts.delete(first(receipts))
    }
  }

  function forgetExpired (): void {
    const now = Date.now()
    for (const [key, { expires }] of receipts) {
      if (expires > now) return
      receipts.delete(key)
    }
  }
}

const first = (map: ReadonlyMap<string, unknown>) => String(map.keys().next().value)
