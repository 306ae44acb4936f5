import { KEY_LIFETIME, type Entry, type Once, type Receipt } from '../store.js'

/** The most keys to remember, and the most bytes for them: where there are more, the oldest is forgotten before its time. */
const MOST_KEYS = 100_000
const MOST_BYTES = 64 * 1024 * 1024

/** What writes with a key made, in the memory of the process. */
export interface Receipts {
  /** What an earlier write with this key made. */
  find (once: Once | undefined): Receipt | undefined
  /** Remembers what a write with a key has made. */
  keep (once: Once | undefined, entry: Entry): void
}

/** Remembers keys for so many seconds. */
export function createReceipts (lifetime = KEY_LIFETIME, { mostKeys = MOST_KEYS, mostBytes = MOST_BYTES } = {}): Receipts {
  // In the order in which they were made, which is that in which they expire.
  const receipts = new Map<string, { readonly receipt: Receipt, readonly expires: number }>()
  let bytes = 0

  return {
    find (once) {
      if (once === undefined) return undefined
      forget()
      return receipts.get(once.key)?.receipt
    },

    keep (once, entry) {
      if (once === undefined) return
      receipts.set(once.key, { receipt: { ...entry, fingerprint: once.fingerprint }, expires: Date.now() + lifetime * 1000 })
      bytes += sizeOf(entry)
      forget()
    }
  }

  /** Forgets the oldest, as long as it has expired or there are too many. */
  function forget (): void {
    const now = Date.now()
    for (const [key, { receipt, expires }] of receipts) {
      if (expires > now && receipts.size <= mostKeys && bytes <= mostBytes) return
      receipts.delete(key)
      bytes -= sizeOf(receipt)
    }
  }
}

/** What a receipt takes in memory beside its texts, in bytes: a guess. */
const OVERHEAD = 200

/** The bytes that the receipt of a write takes, at most: its texts are in the record and in the body, with two bytes for each code unit. */
const sizeOf = ({ body }: Entry): number => 4 * body.length + OVERHEAD
