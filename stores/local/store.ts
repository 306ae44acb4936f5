import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Fields, Item } from '../../schemas/resource.js'
import { whenReady } from '../awaitable.js'
import { exactlyOnce, type Receipts } from '../receipts.js'
import type { OrderedIndex, WritableIndex } from './ordered-index.js'
import { isUsed, select } from './select.js'
import type { Awaitable, Entry, Model, Store } from '../store.js'
import { inSlices } from './time-slices.js'

/** What every write reads, and most change. */
export interface State {
  /** The id to give next. */
  readonly nextId: number
  /** How many writes there were. */
  readonly revision: number
  /** The properties that a list was ever sorted or filtered by, each with the id up to which its index is made. */
  readonly indexed: Readonly<Record<string, number>>
}

/** The state of a store that never held a record. */
export const EMPTY: State = { nextId: 0, revision: 0, indexed: {} }

/** The value in `State.indexed` of an index that has every record. */
const WHOLE = Number.MAX_SAFE_INTEGER

/** How many records are put into a new index in one write: few enough that others need not wait long for it. */
const SLICE = 500

/** What is there, to be read. */
export interface Reader {
  find (id: number): Entry | undefined
  state (): State
}

/** Where this machine keeps records. What its methods change, they change in a write alone. */
export interface Medium extends Reader {
  /** Runs `work` as a transaction, one after another. It does not wait for anything, and throws before its first change or not at all. */
  write<T> (work: () => Awaitable<T>): Awaitable<T>
  /** For reads outside of a write. */
  readonly reader: Reader
  put (entry: Entry, old?: Entry): void
  remove (entry: Entry): void
  setState (state: State): void
  readonly receipts: Receipts
  /** The records in the order of their ids: always whole. */
  readonly byId: OrderedIndex
  /** The indexes of all other properties, each as far as the state says. */
  readonly indexes: readonly WritableIndex[]
  ping (): Awaitable<void>
  close (): Awaitable<void>
}

/** A store on a medium of this machine: what each operation does, whatever the medium is. */
export function createLocalStore ({ represent }: Model, medium: Medium): Store {
  const { find, state, setState, write, reader, receipts, byId, indexes, ping, close } = medium
  /** The indexes that are being made. */
  const growing = new Map<string, Promise<void>>()

  return {
    get: reader.find,

    list (query) {
      const { indexed } = reader.state()
      const missing = indexes.filter(({ property }) => isUsed(property, query) && indexed[property] !== WHOLE)
      const ready = missing.length === 0 ? undefined : Promise.all(missing.map(grow))
      return whenReady(ready, () => inSlices(() => select(indexOf, query)))
    },

    create: (fields, once) => write(once === undefined ? () => create(fields) : () => exactlyOnce(receipts, once, () => create(fields))),

    update: (id, change, once) => write(once === undefined ? () => update(id, change) : () => exactlyOnce(receipts, once, () => update(id, change))),

    delete: (id, check) => write(() => remove(id, check)),

    seed: (records) => write(() => {
      if (state().nextId === 0) for (const fields of records) create(fields)
    }),

    revision: () => reader.state().revision,

    ping,

    close
  }

  function create (fields: Fields): Entry {
    const now = state()
    const entry = represent(toItem(now.nextId, fields))
    medium.put(entry)
    for (const index of indexesWith(entry)) index.insert(entry)
    countWrite(now, now.nextId + 1)
    return entry
  }

  function update (id: number, change: (current: Entry) => Fields): Entry | undefined {
    const current = find(id)
    if (current === undefined) return undefined
    const entry = represent(toItem(id, change(current)))
    medium.put(entry, current)
    for (const index of indexesWith(entry)) index.replace(current, entry)
    countWrite(state())
    return entry
  }

  function remove (id: number, check: (current: Entry) => void): boolean {
    const current = find(id)
    if (current === undefined) return false
    check(current)
    medium.remove(current)
    for (const index of indexesWith(current)) index.remove(current)
    countWrite(state())
    return true
  }

  function countWrite (now: State, nextId = now.nextId, indexed = now.indexed): void {
    setState({ nextId, revision: now.revision + 1, indexed })
  }

  /** The indexes that have an entry. Those that are being made get it later, if they have not come to its id yet. */
  function indexesWith ({ item }: Entry): WritableIndex[] {
    const { indexed } = state()
    return indexes.filter(({ property }) => item.id < (indexed[property] ?? 0))
  }

  /** Makes an index whole, once for all who wait for it; other processes may be making it too. */
  function grow (index: WritableIndex): Promise<void> {
    const { property } = index
    const begun = growing.get(property) ?? extendToEnd(index).finally(() => growing.delete(property))
    growing.set(property, begun)
    return begun
  }

  async function extendToEnd (index: WritableIndex): Promise<void> {
    while (await write(() => extend(index)) !== WHOLE) await nextTurn()
  }

  /** Puts some more records into an index; returns up to which id it is made then. */
  function extend (index: WritableIndex): number {
    const now = state()
    const from = now.indexed[index.property] ?? 0
    const slice = byId.read({ from: { value: from, id: -Infinity } }, SLICE, false)
    for (const entry of slice) index.insert(entry)
    const last = slice.at(-1)
    const upTo = last === undefined || slice.length < SLICE ? WHOLE : last.item.id + 1
    countWrite(now, now.nextId, { ...now.indexed, [index.property]: upTo })
    return upTo
  }

  function indexOf (property: string): OrderedIndex {
    const index = [byId, ...indexes].find((index) => index.property === property)
    if (index === undefined) throw new Error(`no list is sorted or filtered by ${property}`)
    return index
  }
}

/**
 * Makes the record with this id, whatever id its fields may bring. The copy begins with an empty object, which has a place
 * for its first properties in itself: it takes less time and memory than a copy that a spread makes.
 */
function toItem (id: number, fields: Fields): Item {
  return Object.assign({}, { id }, fields, { id })
}
