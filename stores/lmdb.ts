import type { Database, RootDatabase } from 'lmdb'
import { reconcile, type Kept } from './lmdb/description.js'
import { openEnvironment } from './lmdb/environment.js'
import { createIdIndex, createOrderedIndex, idIn, spell, type IndexKeys, type Spelled } from './lmdb/ordered-index.js'
import { createLmdbReceipts } from './lmdb/receipts.js'
import { createRecent } from './lmdb/recent.js'
import { createRecordText } from './lmdb/record-text.js'
import { createLocalStore, EMPTY, type State, type UniqueIndex } from './local/store.js'
import { shareOut } from './shares.js'
import { StoreUnavailable, type Awaitable, type Entry, type Id, type Model, type Store, type StoreSettings } from './store.js'

/**
 * Opens the stores of some models in a folder of this machine, an LMDB environment, and makes it where there is none. A write resolves when
 * it is flushed to the disk; writes at the same time share a flush. Records, indexes, counters and keys change in one
 * transaction, and any number of processes may have the folder open, also with an earlier schema. It stays open until all of its stores are closed.
 *
 * Throws where the folder cannot be used, or holds other records.
 */
export async function openLmdbStores (folder: string, models: readonly Model[], { keyLifetime }: StoreSettings = {}): Promise<Store[]> {
  const { database: environment, isInPlace } = await openEnvironment(folder)
  const descriptions = environment.openDB<Kept, string>('model', { encoding: 'json' })
  const states = environment.openDB<string, string>('state', { encoding: 'string' })
  await write(environment, () => {
    const kept = descriptions.get('model')
    const now = reconcile(kept, models, folder)
    if (JSON.stringify(now) !== JSON.stringify(kept)) descriptions.putSync('model', now)
  }).catch(async (error: unknown) => {
    await environment.close()
    throw error
  })
  return shareOut(models.map(storeOf), () => environment.close())

  function storeOf (model: Model): Omit<Store, 'close'> {
    const { name } = model
    const { encode, decode, valueIn } = createRecordText(model, () => descriptions.get('model')?.models[name])
    const records = environment.openDB<string, Spelled>(`${name} records`, { encoding: 'string' })
    const keys: IndexKeys = environment.openDB(`${name} indexes`, { encoding: 'string' })
    const byId = createIdIndex(records, model, decode)
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
      put: (entry, old) => { records.putSync(spell(entry.id), encode(entry, old)) },
      remove: ({ id }) => { records.removeSync(spell(id)) },
      setState: (state) => { states.putSync(name, JSON.stringify(state)) },
      receipts: createLmdbReceipts(environment, name, keyLifetime),
      byId,
      openIndex: (property) => createOrderedIndex(keys, model, property, get, valueIn),
      openUniqueIndex: (properties) => createUniqueIndex(environment.openDB(`${name} unique ${JSON.stringify(properties)}`, { encoding: 'json' })),
      size () {
        recent.state()
        return (records.getStats() as { entryCount: number }).entryCount
      },
      ping () {
        state()
        expectFolder()
      }
    })

    function find (id: Id): Entry | undefined {
      return get(spell(id))
    }

    function get (id: Spelled): Entry | undefined {
      const text = records.get(id)
      return text === undefined ? undefined : decode(idIn(id), text)
    }

    /**
     * The state, parsed again only where its text has changed. That there is no text, before the first write is committed,
     * counts as a change too: what was parsed last may be what that write is about to commit. A create takes 11 µs of the processor, and 12 without this.
     */
    function state (): State {
      const text = states.get(name) ?? ''
      if (text === known.text) return known.state
      known = { text, state: text === '' ? EMPTY : JSON.parse(text) as State }
      return known.state
    }
  }

  /** Throws where the folder is gone: what is written then goes to a file that nobody will find again. */
  function expectFolder (): void {
    if (!isInPlace()) throw new StoreUnavailable(`the folder ${folder} is gone, or another is in its place`)
  }
}

function createUniqueIndex (ids: Database<Id, Spelled>): UniqueIndex {
  return {
    get: (key) => ids.get(spell(key)),
    set: (key, id) => ids.putSync(spell(key), id),
    delete: (key) => ids.removeSync(spell(key))
  }
}

/** Runs some work in a write transaction, of which there is one at a time among all processes. */
async function write<T> (environment: RootDatabase, work: () => Awaitable<T>): Promise<T> {
  let outcome
  try {
    outcome = await environment.transaction(() => attempt(work))
  } catch (cause) {
    // lmdb has the reason, which it logs, in a promise of its own: where nobody handles its rejection, the process ends.
    void Promise.allSettled([(cause as { commitError?: unknown }).commitError])
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
