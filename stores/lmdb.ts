import { accessSync, constants, mkdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { open, type RootDatabase } from 'lmdb'
import type { Fields } from '../schemas/resource.js'
import { toItem } from './item.js'
import { createLmdbIndex, isExact, type LmdbIndex } from './lmdb/index.js'
import { bytesOfId } from './lmdb/keys.js'
import { createLmdbReceipts } from './lmdb/receipts.js'
import { select } from './select.js'
import { StoreUnavailable, type Entry, type Model, type Once, type Store, type StoreSettings } from './store.js'

/** What every write changes: the id to give next, and how many writes there were. */
interface Counters {
  readonly nextId: number
  readonly revision: number
}

/**
 * Opens a store in a folder of this machine, an LMDB environment, and makes it where there is none. A write resolves when
 * it is flushed to the disk; writes at the same time share a flush. Records, indexes, counters and keys change in one
 * transaction, and any number of processes may have the folder open.
 *
 * Throws where the folder cannot be used, or holds records of another kind.
 */
export async function openLmdbStore (folder: string, model: Model, { keyLifetime }: StoreSettings = {}): Promise<Store> {
  const environment = openEnvironment(folder, model)
  const counters = environment.openDB<Counters, string>('counters', { encoding: 'json' })
  const records = environment.openDB<string, Buffer>('records', TEXT_BY_BYTES)
  const receipts = createLmdbReceipts(environment, keyLifetime)
  const indexes = model.sortable.filter((property) => property !== 'id').map(openIndex)
  // The records are in the order of their ids by themselves.
  const byId = createLmdbIndex(records, 'id', true, find)
  await write(checkModel)

  return {
    get (id) {
      environment.resetReadTxn()
      return find(id)
    },

    list (query) {
      environment.resetReadTxn()
      return select(indexOf, query)
    },

    create: (fields, once) => write(() => receipts.find(once) ?? create(fields, once)),

    update: (id, change, once) => write(() => receipts.find(once) ?? update(id, change, once)),

    delete: (id, check) => write(() => remove(id, check)),

    seed: (records) => write(() => {
      if (count().revision === 0) for (const fields of records) create(fields)
    }),

    revision () {
      environment.resetReadTxn()
      return count().revision
    },

    ping () {
      count()
    },

    close: () => environment.close()
  }

  function create (fields: Fields, once?: Once): Entry {
    const { nextId, revision } = count()
    const entry = model.represent(toItem(nextId, fields))
    put(entry)
    receipts.keep(once, entry)
    countOn({ nextId: nextId + 1, revision: revision + 1 })
    return entry
  }

  function update (id: number, change: (current: Entry) => Fields, once?: Once): Entry | undefined {
    const current = find(id)
    if (current === undefined) return undefined
    const entry = model.represent(toItem(id, change(current)))
    for (const index of indexes) index.remove(current)
    put(entry)
    receipts.keep(once, entry)
    const { nextId, revision } = count()
    countOn({ nextId, revision: revision + 1 })
    return entry
  }

  function remove (id: number, check: (current: Entry) => void): boolean {
    const current = find(id)
    if (current === undefined) return false
    check(current)
    for (const index of indexes) index.remove(current)
    records.removeSync(bytesOfId(id))
    const { nextId, revision } = count()
    countOn({ nextId, revision: revision + 1 })
    return true
  }

  function put (entry: Entry): void {
    records.putSync(bytesOfId(entry.item.id), encode(entry))
    for (const index of indexes) index.insert(entry)
  }

  function find (id: number): Entry | undefined {
    const text = records.get(bytesOfId(id))
    return text === undefined ? undefined : decode(text)
  }

  function count (): Counters {
    return counters.get('counters') ?? { nextId: 0, revision: 0 }
  }

  function countOn (now: Counters): void {
    counters.putSync('counters', now)
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
    if ('error' in outcome) throw outcome.error
    return outcome.result
  }
}

const TEXT_BY_BYTES = { encoding: 'string', keyEncoding: 'binary' } as const

function openEnvironment (folder: string, { sortable }: Model): RootDatabase {
  const path = resolve(folder)
  try {
    mkdirSync(path, { recursive: true })
    accessSync(path, constants.W_OK)
  } catch (cause) {
    throw new Error(`cannot write to the folder ${path}`, { cause })
  }
  // Without `overlappingSync`, a commit is seen, and a write resolves, only after the flush. With `eventTurnBatching`, lmdb
  // makes promises that only it has: when a commit fails, as on a full disk, their rejection would end the process.
  return open({ path, noSubdir: false, overlappingSync: false, eventTurnBatching: false, maxDbs: sortable.length + 5 })
}

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

/** An entity-tag has no line break. */
const encode = ({ etag, body }: Entry): string => `${etag}\n${body}`

function decode (text: string): Entry {
  const end = text.indexOf('\n')
  const body = text.slice(end + 1)
  return { item: JSON.parse(body), body, etag: text.slice(0, end) }
}
