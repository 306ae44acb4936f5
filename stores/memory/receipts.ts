import type { Receipts } from '../receipts.js'
import { KEY_LIFETIME, type Entry, type Receipt } from '../store.js'

/** The most keys to remember, and the most bytes for them: where there are more, the oldest is forgotten before its time. */
const MOST_KEYS = 100_000
const MOST_BYTES = 32 * 1024 * 1024

/** Remembers keys for so many seconds in the memory of the process. */
export function createReceipts (lifetime = KEY_LIFETIME, { mostKeys = MOST_KEYS, mostBytes = MOST_BYTES } = {}): Receipts {
  // In the order in which they were made, which is that in which they expire.
  const receipts = new Map<string, { readonly receipt: Receipt, readonly expires: number }>()
  let bytes = 0

  return {
    find ({ key }) {
      forget()
      return receipts.get(key)?.receipt
    },

    keep ({ key, fingerprint }, entry) {
      receipts.set(key, { receipt: { ...entry, fingerprint }, expires: Date.now() + lifetime * 1000 })
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

/** The bytes that a receipt takes in memory beside its texts: a guess. */
const OVERHEAD = 200

/** The bytes that the receipt of a write takes, at most: its texts are in the record and in the body, with two bytes for each code unit. */
const sizeOf = ({ body }: Entry): number => 4 * body.length + OVERHEAD
