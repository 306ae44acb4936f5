import type { Session, Statement } from './connections.js'
import type { Database } from './database.js'
import type { Model } from '../store.js'
import type { ReceiptsTable } from './receipts.js'
import { checkColumns, COLUMNS, creationOf, type ExistingColumn, type Table } from './table.js'

/** Makes the tables that are not there, once, however many servers start at the same time; fails where there is another table. */
export async function prepareTables (database: Database, table: Table, model: Model, receipts: ReceiptsTable): Promise<void> {
  await database.transaction(async (session) => {
    await session.all(LOCK, [table.name])
    await makeUnlessThere(session, table.name, creationOf(table, model))
    await makeUnlessThere(session, receipts.name, receipts.creation)
    checkColumns(table, await session.all<ExistingColumn>(COLUMNS, [table.name]))
  })
}

/** Keeps other servers from the same until the end of the transaction. */
const LOCK = { text: 'select pg_advisory_xact_lock(hashtextextended($1, 0))' }

/** Asks first whether the table is there, because "create if not exists" needs the right to create even where it does nothing. */
async function makeUnlessThere (session: Session, name: string, creation: readonly Statement[]): Promise<void> {
  const { exists } = await session.one<{ exists: boolean }>({ text: 'select to_regclass($1) is not null as exists' }, [name])
  if (exists) return
  for (const statement of creation) await session.all(statement)
}
