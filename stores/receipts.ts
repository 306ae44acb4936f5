import { whenReady } from './awaitable.js'
import type { Awaitable, Entry, Once, Receipt } from './store.js'

/** Where the keys are of writes that happened once. Both are called within the step of a write. */
export interface Receipts {
  /** The receipt of an earlier write with this key, if the key is not forgotten. */
  find (once: Once): Awaitable<Receipt | undefined>
  /** Remembers what a write with this key has made. */
  keep (once: Once, entry: Entry): Awaitable<void>
}

/** Writes. Where there is a key, remembers it with what was made, or gives the receipt of an earlier write instead. */
export function exactlyOnce<E extends Entry | undefined> (receipts: Receipts, once: Once | undefined, write: () => Awaitable<E>): Awaitable<E | Receipt> {
  if (once === undefined) return write()
  return whenReady(receipts.find(once), (receipt): Awaitable<E | Receipt> => receipt ?? whenReady(write(), (entry) =>
    entry === undefined ? entry : whenReady(receipts.keep(once, entry), () => entry)))
}
