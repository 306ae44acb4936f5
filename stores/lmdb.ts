import type { RootDatabase } from 'lmdb'
import type { Item } from '../schemas/resource.js'
import { openEnvironment } from './lmdb/environment.js'
import { createIdIndex, openKeyIndex } from './lmdb/key-index.js'
import { createLmdbReceipts } from './lmdb/receipts.js'
import { createRecent } from './lmdb/recent.js'
import { createLocalStore, EMPTY, type State } from './local/store.js'
import { StoreUnavailable, type Awaitable, type Entry, type Model, type Store, type StoreSettings } from './store.js'

/** The number of databases in an environment, beside one for each property that lists are sorted by. */
const OTHER_DATABASES = 5

/** The version of how keys and records are written: a folder of another version is refused. */
const FORMAT = 2

/**
 * Opens a store in a folder of this machine, an LMDB environment, and makes it where there is none. A write resolves when
 * it is flushed to the disk; writes at the same time share a flush. Records, indexes, counters and keys change in one
 * transaction, and any number of processes may have the folder open.
 *
 * Throws where the folder cannot be used, or holds records of another kind.
 */
export async function openLmdbStore (folder: string, model: Model, { keyLifetime }: StoreSettings = {}): Promise<Store> {
  const { database: environment, isInPlace } = await openEnvironment(folder, model.sortable.length + OTHER_DATABASES)
  await checkModel(environment, folder, model)
  const states = environment.openDB<string, string>('state', { encoding: 'string' })
  const records = environment.openDB<string, number>('records', { encoding: 'string' })
  const receipts = createLmdbReceipts(environment, keyLifetime)
  let known = { text: '', state: EMPTY }
  const recent = createRecent({ refresh: () => environment.resetReadTxn(), state, find })

  return createLocalStore(model, {
    find,
    state,
    reader: recent,
    async write (work) {
      const result = await write(environment, work)
      expectFolder()
      recent.forget()
      return result
    },
    put: (entry) => { records.putSync(entry.item.id, encode(entry)) },
    remove: ({ item }) => { records.removeSync(item.id) },
    setState: (state) => { states.putSync('state', JSON.stringify(state)) },
    receipts,
    byId: createIdIndex(records, decode),
    indexes: model.sortable.filter((property) => property !== 'id').map((property) => openKeyIndex(environment, model, property, find)),
    ping () {
      state()
      expectFolder()
    },
    close: () => environment.close()
  })

  function find (id: number): Entry | undefined {
    const text = records.get(id)
    return text === undefined ? undefined : decode(text)
  }

  /**
   * The state, parsed again only where its text has changed. That there is no text, before the first write is committed,
   * counts as a change too: what was parsed last may be what that write is about to commit. A create takes 11 µs of the processor, and 12 without this.
   */
  function state (): State {
    const text = states.get('state') ?? ''
    if (text !== known.text) known = { text, state: text === '' ? EMPTY : JSON.parse(text) as State }
    return known.state
  }

  /** Throws where the folder is gone: what is written then goes to a file that nobody will find again. */
  function expectFolder (): void {
    if (!isInPlace()) throw new StoreUnavailable(`the folder ${folder} is gone, or another is in its place`)
  }
}

/** Refuses a folder that was made for other records, because their indexes are others. */
async function checkModel (environment: RootDatabase, folder: string, { name, sortable }: Model): Promise<void> {
  const models = environment.openDB<string, string>('model', { encoding: 'json' })
  const own = `${[name, ...sortable].join(' ')} (format ${FORMAT})`
  const found = await write(environment, () => {
    const kept = models.get('model')
    if (kept === undefined) models.putSync('model', own)
    return kept ?? own
  })
  if (found === own) return
  await environment.close()
  throw new Error(`the folder ${folder} holds other records: ${found}`)
}

/** Runs some work in a write transaction, of which there is one at a time among all processes. */
async function write<T> (environment: RootDatabase, work: () => Awaitable<T>): Promise<T> {
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

/** Catches what the work throws, so that the transaction, which others share, goes on. This is safe, because work decides before it writes. */
function attempt<T> (work: () => T): { readonly result: T } | { readonly error: unknown } {
  try {
    return { result: work() }
  } catch (error) {
    return { error }
  }
}

/** lmdb has the reason of a failed commit, which it logs, in a promise of its own: where nobody handles its rejection, the process ends. */
function expectReason (cause: unknown): void {
  const { commitError } = cause as { commitError?: unknown }
  void Promise.allSettled([commitError])
}

/** The text of a record behind its entity-tag, which has no line break. */
const encode = ({ etag, body }: Entry): string => `${etag}\n${body}`

function decode (text: string): Entry {
  const end = text.indexOf('\n')
  const body = text.slice(end + 1)
  return { item: JSON.parse(body) as Item, body, etag: text.slice(0, end) }
}
