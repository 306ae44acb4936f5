import type { Database } from 'lmdb'
import { reconcile, type Kept } from './lmdb/description.js'
import { openEnvironment } from './lmdb/environment.js'
import { createIdIndex, createOrderedIndex, idIn, spell, type IndexKeys, type Spelled } from './lmdb/ordered-index.js'
import { createLmdbReceipts } from './lmdb/receipts.js'
import { createRecent } from './lmdb/recent.js'
import { createRecordText } from './lmdb/record-text.js'
import { createWriter } from './lmdb/writer.js'
import { createLocalStore, EMPTY, type State, type UniqueIndex } from './local/store.js'
import { shareOut } from './shares.js'
import { StoreUnavailable, type Entry, type Id, type Model, type Store, type StoreSettings } from './store.js'

const NOTHING_KEPT = JSON.stringify(EMPTY)

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
  await createWriter(environment)(() => {
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
    let known = { text: NOTHING_KEPT, state: EMPTY }
    const recent = createRecent({ refresh: () => environment.resetReadTxn(), state: readState, find })
    /**
     * The state in the transaction that runs, which reads and keeps it once for all writes that share it: with 50 creates at once, each
     * takes 15 µs of the processor in the store, and 22 where each reads and keeps it.
     */
    let inWrite = EMPTY

    return createLocalStore(model, {
      find,
      state: () => inWrite,
      reader: recent,
      write: createWriter(environment, {
        begin () { inWrite = readState() },
        end () { if (inWrite !== known.state) states.putSync(name, JSON.stringify(inWrite)) },
        onFlush () {
          expectFolder()
          recent.forget()
        }
      }),
      put: (entry, old) => { records.putSync(spell(entry.id), encode(entry, old)) },
      remove: ({ id }) => { records.removeSync(spell(id)) },
      setState: (state) => { inWrite = state },
      receipts: createLmdbReceipts(environment, name, keyLifetime),
      byId,
      openIndex: (property) => createOrderedIndex(keys, model, property, get, valueIn),
      openUniqueIndex: (properties) => createUniqueIndex(environment.openDB(`${name} unique ${JSON.stringify(properties)}`, { encoding: 'json' })),
      size () {
        recent.state()
        return (records.getStats() as { entryCount: number }).entryCount
      },
      ping () {
        readState()
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

    /** The state that is kept, parsed again only where its text has changed: also back to that of a new store, where its first write has failed. */
    function readState (): State {
      const text = states.get(name) ?? NOTHING_KEPT
      if (text !== known.text) known = { text, state: JSON.parse(text) as State }
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
