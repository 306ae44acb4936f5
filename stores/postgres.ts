import type { Fields, Item } from '../schemas/resource.js'
import { isDown, messageOf, type Session, type Statement } from './postgres/connections.js'
import { addressOf, openDatabase, type Database } from './postgres/database.js'
import { readLimits } from './postgres/limits.js'
import { createReceipts } from './postgres/receipts.js'
import { compileSelect } from './postgres/select.js'
import { prepareTables } from './postgres/setup.js'
import { creationOf, rowReader, statementsOf, tableOf, valuesOf } from './postgres/table.js'
import { openLater } from './postgres/late-store.js'
import { exactlyOnce } from './receipts.js'
import { StoreUnavailable, type Entry, type Model, type Store, type StoreSettings } from './store.js'

/**
 * Opens a store in a PostgreSQL database (tested with version 18), as `postgres://user:password@host:5432/database`: one table, which has the
 * model's name and a column for each property, and another for the keys of writes that happen once. The first start makes
 * them; any number of servers can share them, and people can read and write the records with SQL.
 *
 * The URL may set, beside what the driver `pg` reads from it (`sslmode`, `options`, `application_name` and so on), limits, by their
 * names in that driver where it has them, times in milliseconds: `max` connections (12, at least 3), `connectionTimeoutMillis` (5000),
 * `idleTimeoutMillis` (30000), `statement_timeout` (5000), `list_statement_timeout` (2000), `lock_timeout` (1000), `query_timeout` (6000)
 * and `idle_in_transaction_session_timeout` (10000). The database must allow as many connections as all servers together may have, and
 * one more for the health of each: `max_connections` is 100 by default.
 *
 * Between them there may be a PgBouncer, in any mode (tested with version 1.18).
 *
 * Rejects with an error of one line, which shows neither the URL nor the password, where the database cannot be reached,
 * or has such a table with other columns.
 */
export async function openPostgresStore (url: string, model: Model, { keyLifetime, waiting }: StoreSettings = {}): Promise<Store> {
  try {
    return await openNow(url, model, keyLifetime)
  } catch (reason) {
    if (waiting === undefined || !(reason instanceof StoreUnavailable)) throw reason
    return openLater(() => openNow(url, model, keyLifetime), { ...waiting, reason })
  }
}

async function openNow (url: string, model: Model, keyLifetime: number | undefined): Promise<Store> {
  const address = addressOf(url)
  const limits = readLimits(url)
  const table = tableOf(model)
  const select = compileSelect(table, model.sortable)
  const receipts = createReceipts(model, keyLifetime)
  const statements = statementsOf(table, receipts)
  const readRow = rowReader(table)
  const database = await open().catch((cause: unknown) => {
    const line = `PostgreSQL at ${address}: ${messageOf(cause)}`
    throw isDown(cause) ? new StoreUnavailable(line, { cause }) : new Error(line, { cause })
  })

  return {
    get: (id) => find(database, statements.get, id),

    async list (query) {
      const { values, ...statement } = select(query)
      const rows = await database.list<Item>(statement, values, query.limit)
      // Taken out of their array, for the reason that `Slice` has.
      const found = rows.splice(0)
      return { entries: found.slice(0, query.limit).map(toEntry), more: found.length > query.limit }
    },

    create (fields, once) {
      if (once === undefined) return database.write((session) => insert(session, fields))
      return database.transaction(async (session) => exactlyOnce(receipts.within(session), once, () => insert(session, fields)))
    },

    update: (id, change, once) => database.transactionOn(id, async (session) => {
      return once === undefined ? write() : exactlyOnce(receipts.within(session), once, write)

      async function write (): Promise<Entry | undefined> {
        const current = await find(session, statements.lock, id)
        return current && toEntry(await session.one<Item>(statements.update, [id, ...valuesOf(table, change(current))]))
      }
    }),

    delete: (id, check) => database.transactionOn(id, async (session) => {
      const current = await find(session, statements.lock, id)
      if (current === undefined) return false
      check(current)
      await session.all(statements.delete, [id])
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
        for (const fields of records) await insert(session, fields)
        if (records.length > 0) await session.all({ text: receipts.mark })
      })
    },

    ping: () => database.ping(statements.probe),

    close: database.close
  }

  async function open (): Promise<Database> {
    const database = await openDatabase(limits)
    try {
      await prepareTables(database, table, model, receipts)
      return database
    } catch (error) {
      await database.close()
      throw error
    }
  }

  async function insert (session: Session, fields: Fields): Promise<Entry> {
    return toEntry(await session.one<Item>(statements.insert, valuesOf(table, fields)))
  }

  async function find (session: Session, statement: Statement, id: number): Promise<Entry | undefined> {
    const row = await session.one<Item | undefined>(statement, [id])
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

/** The SQL that makes the tables for a model's records, as the first start does where it may. */
export function describeTables (model: Model): string {
  return [...creationOf(tableOf(model), model), ...createReceipts(model).creation].map(({ text }) => `${text};\n`).join('')
}
