import { createLocalStore, EMPTY, type State } from './local/store.js'
import { createReceipts } from './memory/receipts.js'
import { createSortedIndex } from './memory/sorted-index.js'
import type { Entry, Model, Store, StoreSettings } from './store.js'

/**
 * A store in the memory of the process: a `Map` keyed by ids from a counter, and an ordered index for each property
 * that a list was ever sorted or filtered by. JavaScript runs one write at a time, so each is atomic as it stands. All is
 * lost when the process ends.
 */
export function createMemoryStore (model: Model, { keyLifetime }: StoreSettings = {}): Store {
  const entries = new Map<number, Entry>()
  const byId = createSortedIndex('id')
  let current: State = EMPTY
  const reader = { find: (id: number) => entries.get(id), state: () => current }

  return createLocalStore(model, {
    ...reader,
    reader,
    write: (work) => work(),
    put (entry, old) {
      entries.set(entry.item.id, entry)
      if (old === undefined) byId.insert(entry)
      else byId.replace(old, entry)
    },
    remove (entry) {
      entries.delete(entry.item.id)
      byId.remove(entry)
    },
    setState: (state) => { current = state },
    receipts: createReceipts(keyLifetime),
    byId,
    indexes: model.sortable.filter((property) => property !== 'id').map(createSortedIndex),
    ping () {},
    close () {}
  })
}
