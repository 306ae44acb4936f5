import { createLocalStore, EMPTY, type State } from './local/store.js'
import { createReceipts } from './memory/receipts.js'
import { createSortedIndex } from './memory/sorted-index.js'
import type { Entry, Id, Model, Store, StoreSettings } from './store.js'

/**
 * A store in the memory of the process: a `Map` keyed by ids from a counter, or by others, and an ordered index for each property
 * that a list was ever sorted or filtered by. JavaScript runs one write at a time, so each is atomic as it stands. All is
 * lost when the process ends.
 */
export function createMemoryStore (model: Model, { keyLifetime }: StoreSettings = {}): Store {
  const { key: [idProperty = '', ...others], properties } = model
  const isText = (name: string) => properties.some((property) => property.name === name && property.schema.type === 'string')
  const entries = new Map<Id, Entry>()
  const byId = others.length > 0 ? createSortedIndex('', true) : createSortedIndex(idProperty, isText(idProperty))
  let current: State = EMPTY
  const reader = { find: (id: Id) => entries.get(id), state: () => current }

  const store = createLocalStore(model, {
    ...reader,
    reader,
    write: (work) => work(),
    put (entry, old) {
      entries.set(entry.id, entry)
      if (old === undefined) byId.insert(entry)
      else byId.replace(old, entry)
    },
    remove (entry) {
      entries.delete(entry.id)
      byId.remove(entry)
    },
    setState: (state) => { current = state },
    receipts: createReceipts(keyLifetime),
    byId,
    openIndex: (property) => createSortedIndex(property, isText(property)),
    openUniqueIndex: () => new Map<Id, Id>(),
    size: () => entries.size,
    ping () {}
  })
  return { ...store, close () {} }
}
