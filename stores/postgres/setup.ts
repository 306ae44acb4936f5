import pg from 'pg'
import type { Model } from '../store.js'
import { isDown, messageOf, type Session } from './connections.js'
import type { Database } from './database.js'
import { growthOf, RELATION, type Relation } from './growth.js'
import type { ReceiptsTable } from './receipts.js'
import { creationOf, tableOf } from './table.js'

/** The tables that a model needs in a database. */
export interface Tables {
  readonly model: Model
  readonly receipts: ReceiptsTable
}

/**
 * Makes the tables that are not there, once, however many servers start at the same time, and gives those that are there what
 * they lack. Fails where one does not fit its model. Returns what is there then.
 */
export async function prepareTables (database: Database, tables: readonly Tables[]): Promise<(Relation & Tables)[]> {
  return await database.transaction(async (session) => {
    // In one order, so that no two servers wait for each other.
    for (const name of tables.map(({ model }) => model.name).sort()) await session.all(LOCK, [name])
    const { style } = await session.one<{ style: string }>({ text: "select current_setting('datestyle') as style" })
    if (!style.startsWith('ISO')) throw new Error(`its DateStyle is ${style}, but must be ISO: alter role … set datestyle = ISO`)
    const relations: (Relation & Tables)[] = []
    for (const { model, receipts } of tables) {
      relations.push({ ...await prepare(session, model), model, receipts })
      if (!await isThere(session, receipts.name)) await runAll(session, receipts.creation)
    }
    return relations
  })
}

/** Keeps other servers from the same until the end of the transaction. */
const LOCK = { text: 'select pg_advisory_xact_lock(hashtextextended($1, 0))' }

async function prepare (session: Session, model: Model): Promise<Relation> {
  const table = tableOf(model)
  if (!await isThere(session, table.name)) await runAll(session, creationOf(table, model))
  else {
    const { faults, statements } = growthOf(table, model, await relationOf(session, table.name))
    const wrong = (what: string, cause?: unknown) => new Error(`the table ${table.name} does not fit the schema: ${what}`, { cause })
    if (faults.length > 0) throw wrong(faults.join('; '))
    await runAll(session, statements).catch((error: unknown) => {
      if (isDown(error)) throw error
      throw wrong(`${messageOf(error)}: ${isBrokenBy(error) ? 'change the records, or the schema, and then run' : 'its owner must run'} ${statements.join('; ')}`, error)
    })
  }
  return relationOf(session, table.name)
}

/** Tells whether records that are there break what was to be added (class 23 of PostgreSQL's codes). */
const isBrokenBy = (error: unknown): boolean => error instanceof pg.DatabaseError && String(error.code).startsWith('23')

/** Asked first, because "create if not exists" needs the right to create even where it does nothing. */
const isThere = async (session: Session, name: string): Promise<boolean> => (await session.all(RELATION, [name])).length > 0

const relationOf = (session: Session, name: string): Promise<Relation> => session.one<Relation>(RELATION, [name])

async function runAll (session: Session, statements: readonly string[]): Promise<void> {
  for (const text of statements) await session.all({ text })
}
