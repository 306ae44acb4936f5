import { toItem } from './item.js'
import { createReceipts } from './receipts.js'
import { select } from './select.js'
import { createSortedIndex, type SortedIndex } from './sorted-index.js'
import type { Entry, Model, Once, Store, StoreSettings } from './store.js'

/**
 * A store in the memory of the process: a `Map` keyed by ids from a counter, and an ordered index for each property
 * that a list was ever sorted or filtered by. The first such list makes the index, and each write keeps it.
 * JavaScript runs one write at a time, so each is atomic as it stands. All is lost when the process ends.
 */
export function createMemoryStore ({ sortable, represent }: Model, { keyLifetime }: StoreSettings = {}) {
  const entries = new Map<number, Entry>()
  const indexes = new Map<string, SortedIndex>()
  const receipts = createReceipts(keyLifetime)
  let nextId = 0
  let revision = 0

  const store = {
    get: (id) => entries.get(id),

    list: (query) => select(indexOf, query),

    create (fields, once?: Once) {
      const earlier = receipts.find(once)
      if (earlier !== undefined) return earlier
      const entry = represent(toItem(nextId, fields))
      nextId++
      revision++
      entries.set(entry.item.id, entry)
      for (const index of indexes.values()) index.insert(entry)
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
      for (const index of indexes.values()) index.replace(current, entry)
      receipts.keep(once, entry)
      return entry
    },

    delete (id, check) {
      const current = entries.get(id)
      if (current === undefined) return false
      check(current)
      revision++
      entries.delete(id)
      for (const index of indexes.values()) index.remove(current)
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

  function indexOf (property: string): SortedIndex {
    const known = indexes.get(property)
    if (known !== undefined) return known
    if (!sortable.includes(property)) throw new Error(`no list is sorted or filtered by ${property}`)
    const index = createSortedIndex(property, entries.values())
    indexes.set(property, index)
    return index
  }
}
