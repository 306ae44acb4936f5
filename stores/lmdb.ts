import type { Fields } from '../schemas/resource.js'
import { toItem } from './item.js'
import { openEnvironment } from './lmdb/environment.js'
import { createLmdbIndex, isExact, type LmdbIndex } from './lmdb/index.js'
import { bytesOfId } from './lmdb/keys.js'
import { createLmdbReceipts } from './lmdb/receipts.js'
import { createRecent } from './lmdb/recent.js'
import { select } from './select.js'
import { StoreUnavailable, type Entry, type Model, type Once, type Query, type Store, type StoreSettings } from './store.js'

/** What every write reads, and most change. */
interface State {
  /** The id to give next. */
  readonly nextId: number
  /** How many writes there were. */
  readonly revision: number
  /** The properties that a list was ever sorted or filtered by, each with the id up to which its index is made. */
  readonly indexed: Readonly<Record<string, number>>
}

const EMPTY: State = { nextId: 0, revision: 0, indexed: {} }

/** Up to which id an index is made that has every record. */
const WHOLE = Number.MAX_SAFE_INTEGER

/** How many records are put into a new index in one transaction: other requests need not wait long for its end. */
const SLICE = 2000

/**
 * Opens a store in a folder of this machine, an LMDB environment, and makes it where there is none. A write resolves when
 * it is flushed to the disk; writes at the same time share a flush. Records, indexes, counters and keys change in one
 * transaction, and any number of processes may have the folder open. The first list that needs an index makes it.
 *
 * Throws where the folder cannot be used, or holds records of another kind.
 */
export async function openLmdbStore (folder: string, model: Model, { keyLifetime }: StoreSettings = {}): Promise<Store> {
  const { database: environment, isInPlace } = openEnvironment(folder, model.sortable.length + 5)
  const states = environment.openDB<string, string>('state', { encoding: 'string' })
  const records = environment.openDB<string, Buffer>('records', TEXT_BY_BYTES)
  const receipts = createLmdbReceipts(environment, keyLifetime)
  const indexes = model.sortable.filter((property) => property !== 'id').map(openIndex)
  // The records are in the order of their ids by themselves.
  const byId = createLmdbIndex(records, 'id', true, find)
  const recent = createRecent({ refresh: () => environment.resetReadTxn(), state, find })
  let known = { text: '', state: EMPTY }
  await write(checkModel)

  return {
    get: recent.find,

    list (query) {
      const { indexed } = recent.state()
      const missing = propertiesOf(query).map(indexOf).filter(({ property }) => property !== 'id' && indexed[property] !== WHOLE)
      return missing.length === 0 ? select(indexOf, query) : make(missing).then(() => select(indexOf, query))
    },

    create: (fields, once) => write(() => receipts.find(once) ?? create(fields, once)),

    update: (id, change, once) => write(() => receipts.find(once) ?? update(id, change, once)),

    delete: (id, check) => write(() => remove(id, check)),

    seed: (records) => write(() => {
      if (state().nextId === 0) for (const fields of records) create(fields)
    }),

    revision: () => recent.state().revision,

    ping () {
      state()
      expectFolder()
    },

    close: () => environment.close()
  }

  function create (fields: Fields, once?: Once): Entry {
    const now = state()
    const entry = model.represent(toItem(now.nextId, fields))
    put(entry, { ...now, nextId: now.nextId + 1 })
    receipts.keep(once, entry)
    return entry
  }

  function update (id: number, change: (current: Entry) => Fields, once?: Once): Entry | undefined {
    const current = find(id)
    if (current === undefined) return undefined
    const entry = model.represent(toItem(id, change(current)))
    const now = state()
    for (const index of indexesWith(id, now)) index.remove(current)
    put(entry, now)
    receipts.keep(once, entry)
    return entry
  }

  function remove (id: number, check: (current: Entry) => void): boolean {
    const current = find(id)
    if (current === undefined) return false
    check(current)
    const now = state()
    for (const index of indexesWith(id, now)) index.remove(current)
    records.removeSync(bytesOfId(id))
    countWrite(now)
    return true
  }

  function put (entry: Entry, now: State): void {
    records.putSync(bytesOfId(entry.item.id), encode(entry))
    for (const index of indexesWith(entry.item.id, now)) index.insert(entry)
    countWrite(now)
  }

  function find (id: number): Entry | undefined {
    const text = records.get(bytesOfId(id))
    return text === undefined ? undefined : decode(text)
  }

  /**
   * The state, parsed again only where its text is another than the last time. No text, before the first write is
   * committed, is one too: what was parsed last may be what that write is about to commit.
   */
  function state (): State {
    const text = states.get('state') ?? ''
    if (text !== known.text) known = { text, state: text === '' ? EMPTY : JSON.parse(text) }
    return known.state
  }

  function countWrite (now: State): void {
    states.putSync('state', JSON.stringify({ ...now, revision: now.revision + 1 }))
  }

  /** The indexes that a record with this id belongs to. One that is being made will come to it, if it has not yet. */
  function indexesWith (id: number, { indexed }: State): LmdbIndex[] {
    return indexes.filter(({ property }) => id < (indexed[property] ?? 0))
  }

  /** Makes whole what indexes there are not, a slice at a time; other processes may be making them too. */
  async function make (missing: readonly LmdbIndex[]): Promise<void> {
    for (const index of missing) {
      while (await write(() => extend(index)) !== WHOLE);
    }
  }

  /** Puts some more records into an index; returns up to which id it is made then. */
  function extend (index: LmdbIndex): number {
    const now = state()
    const from = now.indexed[index.property] ?? 0
    if (from === WHOLE) return from
    const slice = select(indexOf, { where: [], order: [], after: { id: from - 1 }, limit: SLICE })
    for (const entry of slice.entries) index.insert(entry)
    const last = slice.entries.at(-1)
    const upTo = slice.more && last ? last.item.id + 1 : WHOLE
    countWrite({ ...now, indexed: { ...now.indexed, [index.property]: upTo } })
    return upTo
  }

  function indexOf (property: string): LmdbIndex {
    const index = [byId, ...indexes].find((index) => index.property === property)
    if (index === undefined) throw new Error(`no list is sorted or filtered by ${property}`)
    return index
  }

  function openIndex (property: string): LmdbIndex {
    return createLmdbIndex(environment.openDB(`by ${property}`, TEXT_BY_BYTES), property, isExact(model, property), find)
  }

  /** A folder belongs to the records that it was made for: with other properties, their indexes would be others. */
  function checkModel (): void {
    const models = environment.openDB<string, string>('model', { encoding: 'json' })
    const own = [model.name, ...model.sortable].join(' ')
    const kept = models.get('model')
    if (kept === undefined) models.putSync('model', own)
    else if (kept !== own) throw new Error(`the folder ${folder} holds other records: ${kept}`)
  }

  /** Runs some work in a write transaction, of which there is one at a time among all processes. */
  async function write<T> (work: () => T): Promise<T> {
    let outcome
    try {
      outcome = await environment.transaction(() => attempt(work))
    } catch (cause) {
      expectReason(cause)
      throw new StoreUnavailable('what was written did not reach the disk', { cause })
    }
    expectFolder()
    recent.forget()
    if ('error' in outcome) throw outcome.error
    return outcome.result
  }

  /** Fails where what is written here is written to files that nobody will find again. */
  function expectFolder (): void {
    if (!isInPlace()) throw new StoreUnavailable(`the folder ${folder} is gone, or another is in its place`)
  }
}

const TEXT_BY_BYTES = { encoding: 'string', keyEncoding: 'binary' } as const

/** A failed commit has its reason, which lmdb logs, in a promise of its own, whose rejection would end the process too. */
function expectReason (cause: unknown): void {
  Promise.allSettled([Object(cause).commitError])
}

/** What some work came to. It decides before it writes, so that what throws has written nothing, and the transaction goes on. */
function attempt<T> (work: () => T): { readonly result: T } | { readonly error: unknown } {
  try {
    return { result: work() }
  } catch (error) {
    return { error }
  }
}

const propertiesOf = ({ where, order }: Query): string[] => [...new Set([...where, ...order].map(({ property }) => property))]

/** An entity-tag has no line break. */
const encode = ({ etag, body }: Entry): string => `${etag}\n${body}`

function decode (text: string): Entry {
  const end = text.indexOf('\n')
  const body = text.slice(end + 1)
  return { item: JSON.parse(body), body, etag: text.slice(0, end) }
}
