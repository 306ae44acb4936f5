import { select } from './select.js'
import { createSortedIndex } from './sorted-index.js'
import type { Entry, Model, Store } from './store.js'

/**
 * A store in the memory of the process: a `Map` keyed by ids from a counter, and an ordered index for each property.
 * JavaScript runs one write at a time, so each is atomic as it stands. All is lost when the process ends.
 */
export function createMemoryStore ({ sortable, represent }: Model) {
  const entries = new Map<number, Entry>()
  const indexes = sortable.map(createSortedIndex)
  let nextId = 0
  let revision = 0

  const store = {
    get: (id) => entries.get(id),

    list: (query) => select(indexOf, query),

    create (fields) {
      const entry = represent({ ...fields, id: nextId })
      nextId++
      revision++
      entries.set(entry.item.id, entry)
      for (const index of indexes) index.insert(entry)
      return entry
    },

    update (id, change) {
      const current = entries.get(id)
      if (current === undefined) return undefined
      const entry = represent({ ...change(current), id })
      revision++
      entries.set(id, entry)
      for (const index of indexes) index.replace(current, entry)
      return entry
    },

    delete (id, check) {
      const current = entries.get(id)
      if (current === undefined) return false
      check(current)
      revision++
      entries.delete(id)
      for (const index of indexes) index.remove(current)
      return true
    },

    seed (records) {
      if (nextId === 0) records.forEach(store.create)
    },

    revision: () => revision,

    ping () {},

    close () {}
  } satisfies Store

  return store

  function indexOf (property: string) {
    const index = indexes.find((index) => index.property === property)
    if (index === undefined) throw new Error(`no list is sorted or filtered by ${property}`)
    return index
  }
}
