import type { Fields, Item } from '../schemas/resource.js'
import { identify } from './ids.js'
import { createBatches, type Work } from './postgres/batches.js'
import { isDown, messageOf, type Session } from './postgres/connections.js'
import { addressOf, openDatabase, type Database } from './postgres/database.js'
import type { Relation } from './postgres/growth.js'
import { openLater } from './postgres/late-store.js'
import { readLimits } from './postgres/limits.js'
import { createReceipts } from './postgres/receipts.js'
import { recordsIn, type Change } from './postgres/records.js'
import { compileSelect } from './postgres/select.js'
import { prepareTables, type Tables } from './postgres/setup.js'
import { creationOf, SHORT_LOCK_TIMEOUT, statementsOf, tableOf } from './postgres/table.js'
import { exactlyOnce } from './receipts.js'
import { shareOut } from './shares.js'
import { Duplicate, StoreUnavailable, type Entry, type Id, type Model, type Store, type StoreSettings } from './store.js'

/**
 * Opens stores in a PostgreSQL database (tested with version 18), as `postgres://user:password@host:5432/database`: for each model one table, which has
 * its name and a column for each property, and another for the keys of writes that happen once. The first start makes
 * them, and later ones add what a schema has got since; any number of servers can share them, and people can read and write the records with SQL.
 *
 * The URL may set, beside what the driver `pg` reads from it (`sslmode`, `options`, `application_name` and so on), limits, by their
 * names in that driver where it has them, times in milliseconds: `max` connections (12, at least 3), `connectionTimeoutMillis` (5000),
 * `idleTimeoutMillis` (30000), `statement_timeout` (5000), `list_statement_timeout` (2000), `lock_timeout` (1000), `query_timeout` (6000)
 * and `idle_in_transaction_session_timeout` (10000). The database must allow as many connections as all servers together may have, and
 * one more for the health of each: `max_connections` is 100 by default.
 *
 * Between them there may be a PgBouncer, in any mode (tested with version 1.18).
 *
 * The connections are let go when all of the stores are closed. Rejects with an error of one line, which shows neither the URL nor the
 * password, where the database cannot be reached, or has such a table that does not fit.
 */
export async function openPostgresStores (url: string, models: readonly Model[], { keyLifetime, waiting }: StoreSettings = {}): Promise<Store[]> {
  try {
    return await openNow(url, models, keyLifetime)
  } catch (reason) {
    if (waiting === undefined || !(reason instanceof StoreUnavailable)) throw reason
    return openLater(() => openNow(url, models, keyLifetime), models.length, { ...waiting, reason })
  }
}

async function openNow (url: string, models: readonly Model[], keyLifetime: number | undefined): Promise<Store[]> {
  const address = addressOf(url)
  const limits = readLimits(url)
  const tables = models.map((model) => ({ model, receipts: createReceipts(model, keyLifetime) }))
  try {
    const database = await openDatabase(limits)
    const relations = await prepareTables(database, tables).catch(async (error: unknown) => {
      await database.close()
      throw error
    })
    return shareOut(relations.map((relation) => storeIn(database, relation)), database.close)
  } catch (cause) {
    const line = `PostgreSQL at ${address}: ${messageOf(cause)}`
    throw isDown(cause) ? new StoreUnavailable(line, { cause }) : new Error(line, { cause })
  }
}

/** How often a PUT tries to change a record, and to create it where there is none: another may create or delete it in between. */
const MOST_ATTEMPTS = 5

/** The records of one model, in a table that is there. */
function storeIn (database: Database, { model, receipts, columns, indexes, mergesReturn }: Relation & Tables): Omit<Store, 'close'> {
  const table = tableOf(model, new Map(columns.map(({ property, type }) => [property, type])))
  const select = compileSelect(table, model.sortable)
  const statements = statementsOf(table, receipts)
  const records = recordsIn(table, statements, model, indexes)

  const view = createBatches<Id, Entry | undefined>({
    alone: (id) => records.find(database, id),
    async together (ids) {
      const found = await records.findMany(database, [...new Set(ids)]).catch((error: unknown) => {
        // What keeps all of them from the table would keep each alone from it, after as long a wait.
        if (error instanceof StoreUnavailable) return { get: () => Promise.reject(error) }
        throw error
      })
      return (id) => found.get(id)
    },
    sizeOfRecord: records.sizeOfRecord
  })

  const creation: Work<Item, Entry> = {
    alone: (item) => database.write((session) => records.insert(session, item)),
    async together (items) {
      const made = await database.write((session) => records.insertMany(session, items))
      return (item, i) => {
        const row = made.get(i)
        return row === undefined ? creation.alone(item) : records.toEntry(row)
      }
    },
    sizeOfRecord: records.sizeOfRecord
  }
  const create = mergesReturn ? createBatches(creation) : creation.alone

  const changing: Work<Change, Entry | undefined> = {
    alone: (change) => database.transaction((session) => records.change(session, change)),
    async together (all) {
      const outcomes = await database.transaction((session) => records.changeMany(session, all), SHORT_LOCK_TIMEOUT)
      return (change) => outcomes.get(change.id)?.() ?? changing.alone(change)
    },
    sizeOfRecord: records.sizeOfRecord
  }
  /** Of one record, there is never more than one under way: whoever calls it waits for its turn. */
  const changeUnlocked = createBatches(changing)

  return {
    get: view,

    async list (query) {
      const rows = await database.list<Item>(select.list(query), query.limit)
      // Taken out of their array, for the reason that `Slice` has.
      const found = rows.splice(0)
      return { entries: found.slice(0, query.limit).map(records.toEntry), more: found.length > query.limit }
    },

    async count (where) {
      const [row] = await database.list<{ total: number }>(select.count(where), 1)
      return Number(row?.total)
    },

    create (make, once) {
      if (once === undefined) return create(itemOf(make))
      return database.transaction(async (session) => exactlyOnce(receipts.within(session), once, () => records.insert(session, itemOf(make))))
    },

    update (id, decide, once) {
      if (once === undefined) return changeInTurn(id, decide)
      return inTurnOn(id, () => database.transaction(async (session) => exactlyOnce(receipts.within(session), once, () => records.change(session, { id, decide }))))
    },

    put: (id, decide) => inTurnOn(id, async () => {
      for (let i = 0; i < MOST_ATTEMPTS; i++) {
        const entry = await changeUnlocked({ id, decide }) ?? await database.write((session) => records.insertNew(session, decide(undefined)))
        if (entry !== undefined) return entry
      }
      throw new Duplicate(model.key, id)
    }),

    async delete (id, check) {
      const deleted = await changeInTurn(id, (current) => { check(current) })
      return deleted !== undefined
    },

    async seed (all) {
      if (!(await stateIn(database)).untouched) return
      await database.transaction(async (session) => {
        await session.all(statements.lockTable)
        // Another server may have been quicker.
        const { owned, untouched } = await stateIn(session)
        if (!untouched) return
        if (owned) await session.all(statements.restartIds)
        for (const fields of all) await records.insert(session, itemOf(fields))
        if (all.length > 0) await session.all({ text: receipts.mark })
      })
    },

    ping: () => database.ping(statements.probe)
  }

  function changeInTurn (id: Id, decide: Change['decide']): Promise<Entry | undefined> {
    return inTurnOn(id, () => changeUnlocked({ id, decide }))
  }

  function inTurnOn<T> (id: Id, work: () => Promise<T>): Promise<T> {
    return database.inTurnOn(`${table.name} ${id}`, work)
  }

  function itemOf (make: Fields | (() => Fields)): Item {
    // A counter is the database's: the statement has no value for it.
    return identify(model, typeof make === 'function' ? make() : make, () => 0)
  }

  async function stateIn (session: Session) {
    return session.one<{ owned: boolean, untouched: boolean }>(statements.state, [table.name])
  }
}

/** The SQL that makes the tables for the records of some models, as the first start does where it may. */
export function describeTables (models: readonly Model[]): string {
  return models.flatMap((model) => [...creationOf(tableOf(model), model), ...createReceipts(model).creation]).map((text) => `${text};\n`).join('')
}
