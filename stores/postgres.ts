import pg from 'pg'
import type { Fields, Item } from '../schemas/resource.js'
import { identify, idReader, keepId, keyOf } from './ids.js'
import { createBatches, type Work } from './postgres/batches.js'
import { isDown, messageOf, type Session, type Statement } from './postgres/connections.js'
import { addressOf, openDatabase, type Database } from './postgres/database.js'
import { isSameSet, type Relation } from './postgres/growth.js'
import { openLater } from './postgres/late-store.js'
import { readLimits } from './postgres/limits.js'
import { createReceipts } from './postgres/receipts.js'
import { compileSelect } from './postgres/select.js'
import { prepareTables, type Tables } from './postgres/setup.js'
import { shareOut } from './shares.js'
import { creationOf, PLACE, rowReader, statementsOf, tableOf, valuesOf } from './postgres/table.js'
import { exactlyOnce } from './receipts.js'
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

/** The code of an error (appendix A of PostgreSQL's manual). */
const UNIQUE_VIOLATION = '23505'

/** How often a record is looked for again that another has created meanwhile, and perhaps deleted. */
const MOST_ATTEMPTS = 5

/** The records of one model, in a table that is there. */
function storeIn (database: Database, { model, receipts, columns, indexes, mergesReturn }: Relation & Tables): Omit<Store, 'close'> {
  const table = tableOf(model, new Map(columns.map(({ property, type }) => [property, type])))
  const select = compileSelect(table, model.sortable)
  const statements = statementsOf(table, receipts)
  const readRow = rowReader(table)
  const idOf = idReader(model.key)
  const valuesOfId = keyOf(model)

  const view = createBatches<Id, Entry | undefined>({
    alone: (id) => find(database, statements.get, id),
    async together (ids) {
      const keys = [...new Set(ids)].map(valuesOfId)
      const rows = await database.all<Item>(statements.getMany, table.key.map((_, i) => keys.map((values) => values[i])))
      const found = new Map(rows.map(toEntry).map((entry) => [entry.id, entry]))
      return (id) => found.get(id)
    }
  })

  const creates: Work<Item, Entry> = {
    alone: createAlone,
    async together (items) {
      const rows = await database.write((session) => session.all<Item>(statements.insertMany, [JSON.stringify(items)]))
      const made = new Map(rows.map(({ [PLACE]: place, ...row }) => [place, row]))
      return async (item, i) => {
        const row = made.get(i + 1)
        // A trigger of somebody's may have left it out.
        return row === undefined ? createAlone(item) : toEntry(row)
      }
    }
  }
  const create = mergesReturn ? createBatches(creates) : createAlone

  return {
    get: view,

    async list (query) {
      const rows = await database.list<Item>(select.list(query), query.limit)
      // Taken out of their array, for the reason that `Slice` has.
      const found = rows.splice(0)
      return { entries: found.slice(0, query.limit).map(toEntry), more: found.length > query.limit }
    },

    async count (where) {
      const [row] = await database.list<{ total: number }>(select.count(where), 1)
      return Number(row?.total)
    },

    create (make, once) {
      if (once === undefined) return create(itemOf(make))
      return database.transaction(async (session) => exactlyOnce(receipts.within(session), once, () => insert(session, itemOf(make))))
    },

    update: (id, change, once) => transactionOn(id, async (session) => exactlyOnce(receipts.within(session), once, async () => {
      const current = await find(session, statements.lock, id)
      return current && replace(session, current, change(current))
    })),

    put: (id, decide) => transactionOn(id, async (session) => {
      for (let i = 0; i < MOST_ATTEMPTS; i++) {
        const current = await find(session, statements.lock, id)
        if (current !== undefined) return replace(session, current, decide(current))
        const row = await write<Item | undefined>(session, statements.insertNew, decide(undefined))
        if (row !== undefined) return toEntry(row)
      }
      throw new Duplicate(model.key, id)
    }),

    delete: (id, check) => transactionOn(id, async (session) => {
      const current = await find(session, statements.lock, id)
      if (current === undefined) return false
      check(current)
      await session.all(statements.delete, valuesOfId(id))
      return true
    }),

    async seed (records) {
      if (!(await stateIn(database)).untouched) return
      await database.transaction(async (session) => {
        await session.all(statements.lockTable)
        // Another server may have been quicker.
        const { owned, untouched } = await stateIn(session)
        if (!untouched) return
        if (owned) await session.all(statements.restartIds)
        for (const fields of records) await insert(session, itemOf(fields))
        if (records.length > 0) await session.all({ text: receipts.mark })
      })
    },

    ping: () => database.ping(statements.probe)
  }

  function transactionOn<T> (id: Id, work: (session: Session) => Promise<T>): Promise<T> {
    return database.transactionOn(`${table.name} ${id}`, work)
  }

  function createAlone (item: Item): Promise<Entry> {
    return database.write((session) => insert(session, item))
  }

  function itemOf (make: Fields | (() => Fields)): Item {
    // A counter is the database's: the statement has no value for it.
    return identify(model, typeof make === 'function' ? make() : make, () => 0)
  }

  async function insert (session: Session, item: Item): Promise<Entry> {
    return toEntry(await write<Item>(session, statements.insert, item))
  }

  async function replace (session: Session, current: Entry, fields: Fields): Promise<Entry> {
    return toEntry(await write<Item>(session, statements.update, keepId(model, current, fields), valuesOfId(current.id)))
  }

  /** Runs a statement that writes a record, and gives its row. */
  async function write<R> (session: Session, statement: Statement, item: Item, key: readonly unknown[] = []): Promise<R> {
    return session.one<R>(statement, [...key, ...valuesOf(table.written, item)]).catch((error: unknown) => {
      throw error instanceof pg.DatabaseError && error.code === UNIQUE_VIOLATION ? toDuplicate(error, item) : error
    })
  }

  /** An index that is newer than this server is known by its name alone. */
  function toDuplicate (error: pg.DatabaseError, item: Item): Error {
    const { properties } = indexes.find(({ name }) => name === error.constraint) ?? { properties: [String(error.constraint)] }
    if (!isSameSet(properties, model.key)) return new Duplicate(properties)
    return model.ids === 'own' ? new Duplicate(model.key, idOf(item)) : error
  }

  async function find (session: Session, statement: Statement, id: Id): Promise<Entry | undefined> {
    const row = await session.one<Item | undefined>(statement, valuesOfId(id))
    return row && toEntry(row)
  }

  async function stateIn (session: Session) {
    return session.one<{ owned: boolean, untouched: boolean }>(statements.state, [table.name])
  }

  /** Makes the entry of a row: at each read, unlike in other stores, because people may write to the table with SQL. */
  function toEntry (row: Item): Entry {
    return model.represent(readRow(row))
  }
}

/** The SQL that makes the tables for the records of some models, as the first start does where it may. */
export function describeTables (models: readonly Model[]): string {
  return models.flatMap((model) => [...creationOf(tableOf(model), model), ...createReceipts(model).creation]).map((text) => `${text};\n`).join('')
}
