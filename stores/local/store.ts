import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Fields } from '../../schemas/resource.js'
import { whenReady } from '../awaitable.js'
import { AFTER } from '../conditions.js'
import { identify, idReader, keepId } from '../ids.js'
import { compareValues, valueOf } from '../order.js'
import { exactlyOnce, type Receipts } from '../receipts.js'
import type { OrderedIndex, WritableIndex } from './ordered-index.js'
import { count, isUsed, select, type Indexes } from './select.js'
import { Duplicate, type Awaitable, type Entry, type Id, type Model, type Query, type Store } from '../store.js'
import { inSlices } from './time-slices.js'

/** The state of a store, which every write reads, and most change. */
export interface State {
  /** How many records were ever created: the id to give next, where a counter gives them. */
  readonly nextId: number
  /** How many writes there were. */
  readonly revision: number
  /** The properties that a list was ever sorted or filtered by, each with the last id that its index has, or WHOLE. */
  readonly indexed: Readonly<Record<string, Id | typeof WHOLE>>
}

/** The state of a store that never held a record. */
export const EMPTY: State = { nextId: 0, revision: 0, indexed: {} }

/** The value in `State.indexed` of an index that has every record. */
const WHOLE = true

/** How many records are put into a new index in one write: few enough that others need not wait long for it. */
const SLICE = 500

/** The way to read what is there. */
export interface Reader {
  find (id: Id): Entry | undefined
  state (): State
}

/** The ids of records by the values of some properties of which no two records may have the same. A `Map` is one. */
export interface UniqueIndex {
  get (key: Id): Id | undefined
  set (key: Id, id: Id): unknown
  delete (key: Id): unknown
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
  /** Gives the index of another property, which has as many records as the state says. */
  openIndex (property: string): WritableIndex
  /** Gives the index of some properties of which no two records may have the same values. */
  openUniqueIndex (properties: readonly string[]): UniqueIndex
  /** How many records there are. */
  size (): number
  ping (): Awaitable<void>
}

/** A store on a medium of this machine: what each operation does, whatever the medium is. Whoever opened the medium closes it. */
export function createLocalStore (model: Model, medium: Medium): Omit<Store, 'close'> {
  const { represent, key, ids } = model
  const { find, state, setState, write, reader, receipts, byId, size, ping } = medium
  const ties = key.map((property) => ({ property, descending: false }))
  const all: Indexes = { of: sortedBy, byId: { property: byId.property, descending: false }, ties, idOf: idReader(key) }
  const unique = model.unique.map((properties) => ({ properties, index: medium.openUniqueIndex(properties), keyOf: idReader(properties) }))
  const sortable = model.sortable.filter((property) => property !== byId.property)
  /** The indexes of all properties but those of the ids, also of such as only a server of another schema sorts by. */
  const indexes = new Map<string, WritableIndex>()
  /** The indexes that are being made. */
  const growing = new Map<string, Promise<void>>()

  return {
    get: reader.find,

    list: (query) => whenReady(makeIndexes(query), () => inSlices(() => select(all, query))),

    count: (where) => where.length === 0 ? size() : whenReady(makeIndexes({ where, order: [] }), () => inSlices(() => count(all, where))),

    create: (make, once) => write(() => exactlyOnce(receipts, once, () => create(make))),

    update: (id, change, once) => write(() => exactlyOnce(receipts, once, () => update(id, change))),

    put: (id, decide) => write(() => update(id, decide) ?? create(() => decide(undefined))),

    delete: (id, check) => write(() => remove(id, check)),

    seed: (records) => write(() => {
      if (state().nextId === 0) for (const fields of records) create(fields)
    }),

    revision: () => reader.state().revision,

    ping
  }

  function create (make: Fields | (() => Fields)): Entry {
    const now = state()
    const entry = represent(identify(model, typeof make === 'function' ? make() : make, () => now.nextId))
    if (ids === 'own' && find(entry.id) !== undefined) throw new Duplicate(key, entry.id)
    keep(entry)
    countWrite(now, now.nextId + 1)
    return entry
  }

  function update (id: Id, change: (current: Entry) => Fields): Entry | undefined {
    const current = find(id)
    if (current === undefined) return undefined
    const entry = represent(keepId(model, current, change(current)))
    keep(entry, current)
    countWrite(state())
    return entry
  }

  function remove (id: Id, check: (current: Entry) => void): boolean {
    const current = find(id)
    if (current === undefined) return false
    check(current)
    medium.remove(current)
    for (const { index, key } of uniqueOf(current)) index.delete(key)
    for (const index of indexesWith(current)) index.remove(current)
    countWrite(state())
    return true
  }

  /** Puts an entry in the place of an old one, if there is one. */
  function keep (entry: Entry, old?: Entry): void {
    const keys = uniqueOf(entry)
    const taken = keys.find(({ index, key }) => ![undefined, entry.id].includes(index.get(key)))
    if (taken !== undefined) throw new Duplicate(taken.properties)
    medium.put(entry, old)
    for (const { index, key } of old === undefined ? [] : uniqueOf(old)) index.delete(key)
    for (const { index, key } of keys) index.set(key, entry.id)
    for (const index of indexesWith(entry)) {
      if (old === undefined) index.insert(entry)
      else index.replace(old, entry)
    }
  }

  /** The unique indexes that an entry is in, each with its key there: not those of which it lacks a property. */
  function uniqueOf ({ item }: Entry) {
    return unique
      .filter(({ properties }) => properties.every((property) => valueOf(item, property) !== null))
      .map(({ properties, index, keyOf }) => ({ properties, index, key: keyOf(item) }))
  }

  function countWrite (now: State, nextId = now.nextId, indexed = now.indexed): void {
    setState({ nextId, revision: now.revision + 1, indexed })
  }

  /** The indexes that have an entry. Those that are being made get it later, if they have not come to its id yet. */
  function indexesWith ({ id }: Entry): WritableIndex[] {
    return Object.entries(state().indexed)
      .filter(([, last]) => last === WHOLE || compareValues(id, last) <= 0)
      .map(([property]) => indexOf(property))
  }

  /** Makes whole the indexes that may be read for some conditions and an order. */
  function makeIndexes (query: Pick<Query, 'where' | 'order'>): Awaitable<unknown> {
    const { indexed } = reader.state()
    const missing = sortable.filter((property) => isUsed(property, query) && indexed[property] !== WHOLE)
    return missing.length === 0 ? undefined : Promise.all(missing.map(grow))
  }

  /** Makes an index whole, once for all who wait for it; other processes may be making it too. */
  function grow (property: string): Promise<void> {
    const begun = growing.get(property) ?? extendToEnd(indexOf(property)).finally(() => growing.delete(property))
    growing.set(property, begun)
    return begun
  }

  async function extendToEnd (index: WritableIndex): Promise<void> {
    while (!await write(() => extend(index))) await nextTurn()
  }

  /** Puts some more records into an index; tells whether it is whole then. */
  function extend (index: WritableIndex): boolean {
    const now = state()
    const from = now.indexed[index.property]
    if (from === WHOLE) return true
    const slice = byId.read(from === undefined ? {} : { from: { value: from, id: AFTER } }, SLICE, false)
    for (const entry of slice) index.insert(entry)
    const last = slice.at(-1)
    const isWhole = last === undefined || slice.length < SLICE
    countWrite(now, now.nextId, { ...now.indexed, [index.property]: isWhole ? WHOLE : last.id })
    return isWhole
  }

  function sortedBy (property: string): OrderedIndex {
    if (property === byId.property) return byId
    if (!sortable.includes(property)) throw new Error(`no list is sorted or filtered by ${property}`)
    return indexOf(property)
  }

  function indexOf (property: string): WritableIndex {
    const index = indexes.get(property) ?? medium.openIndex(property)
    indexes.set(property, index)
    return index
  }
}
