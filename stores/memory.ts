import { whenReady } from './awaitable.js'
import { toItem } from './item.js'
import { createReceipts } from './receipts.js'
import { isUsed, select } from './select.js'
import { createSortedIndex, type SortedIndex } from './sorted-index.js'
import type { Awaitable, Entry, Model, Once, Store, StoreSettings } from './store.js'
import { inTurns } from './turns.js'

/** How many entries are put into a new index in one step. */
const STEP = 100

/** An index that is made while others are served. */
interface Growing {
  readonly index: SortedIndex
  /** The greatest id of an entry that is in it. */
  upTo: number
  /** Settles when every entry is. */
  whole: Awaitable<void>
}

/** Up to which id an index has the entries where it has none, or all. */
const NOTHING = -1
const WHOLE = Infinity

/**
 * A store in the memory of the process: a `Map` keyed by ids from a counter, and an ordered index for each property
 * that a list was ever sorted or filtered by. The first such list makes the index, and each write keeps it.
 * JavaScript runs one write at a time, so each is atomic as it stands. All is lost when the process ends.
 */
export function createMemoryStore ({ sortable, represent }: Model, { keyLifetime }: StoreSettings = {}) {
  const entries = new Map<number, Entry>()
  const indexes = new Map<string, Growing>()
  const receipts = createReceipts(keyLifetime)
  let nextId = 0
  let revision = 0

  const store = {
    get: (id) => entries.get(id),

    list (query) {
      const missing = sortable.filter((property) => isUsed(property, query)).map(growingIndex).filter(({ upTo }) => upTo !== WHOLE)
      const ready = missing.length === 0 ? undefined : Promise.all(missing.map(({ whole }) => whole))
      return whenReady(ready, () => inTurns(select(indexOf, query)))
    },

    create (fields, once?: Once) {
      const earlier = receipts.find(once)
      if (earlier !== undefined) return earlier
      const entry = represent(toItem(nextId, fields))
      nextId++
      revision++
      entries.set(entry.item.id, entry)
      for (const index of indexesWith(entry.item.id)) index.insert(entry)
      receipts.keep(once, entry)
      return entry
    },

    update (id, change, once?: Once) {
      const earlier = receipts.find(once)
      if (earlier !== undefined) return earlier
      const current = entries.get(id)
      if (current === undefined) return undefined
      const entry = represent(toItem(id, change(current)))
      revision++
      entries.set(id, entry)
      for (const index of indexesWith(id)) index.replace(current, entry)
      receipts.keep(once, entry)
      return entry
    },

    delete (id, check) {
      const current = entries.get(id)
      if (current === undefined) return false
      check(current)
      revision++
      entries.delete(id)
      for (const index of indexesWith(id)) index.remove(current)
      return true
    },

    seed (records) {
      if (nextId !== 0) return
      for (const fields of records) store.create(fields)
    },

    revision: () => revision,

    ping () {},

    close () {}
  } satisfies Store

  return store

  /** The index of a property, which begins to grow when it is first asked for. */
  function growingIndex (property: string): Growing {
    const known = indexes.get(property)
    if (known !== undefined) return known
    const growing: Growing = { index: createSortedIndex(property), upTo: NOTHING, whole: undefined }
    indexes.set(property, growing)
    growing.whole = inTurns(grow(growing))
    return growing
  }

  /** Puts every entry into an index, also those that are written meanwhile. */
  function * grow (growing: Growing): Generator<void, void> {
    for (const entry of entries.values()) {
      growing.index.insert(entry)
      growing.upTo = entry.item.id
      if (growing.upTo % STEP === 0) yield
    }
    growing.upTo = WHOLE
  }

  /** The indexes that have the entry with this id, if there is one. */
  function indexesWith (id: number): SortedIndex[] {
    return Array.from(indexes.values()).filter(({ upTo }) => id <= upTo).map(({ index }) => index)
  }

  function indexOf (property: string): SortedIndex {
    const growing = indexes.get(property)
    if (growing === undefined) throw new Error(`no list is sorted or filtered by ${property}`)
    return growing.index
  }
}
