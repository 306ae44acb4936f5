import { whenReady } from './awaitable.js'
import type { Awaitable, Entry, Once, Receipt } from './store.js'

/** Where the keys are of writes that happened once. Both are called within the step of a write. */
export interface Receipts {
  /** What an earlier write with this key made, if the key is not forgotten. */
  find (once: Once): Awaitable<Receipt | undefined>
  /** Remembers what a write with this key has made. */
  keep (once: Once, entry: Entry): Awaitable<void>
}

/** Writes, and remembers the key with what was made; or gives the receipt where that was done before. */
export function exactlyOnce<E extends Entry | undefined> (receipts: Receipts, once: Once, write: () => Awaitable<E>): Awaitable<E | Receipt> {
  return whenReady(receipts.find(once), (receipt): Awaitable<E | Receipt> => receipt ?? whenReady(write(), (entry) =>
    entry === undefined ? entry : whenReady(receipts.keep(once, entry), () => entry)))
}
