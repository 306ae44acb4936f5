import { setTimeout as pause } from 'node:timers/promises'
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

/** What a start has found of a table, and what is still to be made for it. */
interface Prepared {
  readonly relation: Relation & Tables
  readonly creations: readonly string[]
}

/**
 * Makes the tables that are not there, once, however many servers start at the same time, and gives those that are there what
 * they lack. Fails where one does not fit its model. Returns what is there then.
 */
export async function prepareTables (database: Database, tables: readonly Tables[]): Promise<(Relation & Tables)[]> {
  const all = await database.transaction(async (session) => {
    // In one order, so that no two servers wait for each other.
    for (const name of tables.map(({ model }) => model.name).sort()) await takeTurn(session, name)
    const { style } = await session.one<{ style: string }>({ text: "select current_setting('datestyle') as style" })
    if (!style.startsWith('ISO')) throw new Error(`its DateStyle is ${style}, but must be ISO: alter role … set datestyle = ISO`)
    const all: Prepared[] = []
    for (const { model, receipts } of tables) {
      const { relation, creations } = await prepare(session, model)
      all.push({ relation: { ...relation, model, receipts }, creations })
      if (!await isThere(session, receipts.name)) await runAll(session, receipts.creation)
    }
    return all
  })
  for (const { relation: { model }, creations } of all) {
    for (const [i, creation] of creations.entries()) {
      // Nobody can write to the table meanwhile: so each index has a transaction of its own.
      await database.transaction(async (session) => {
        await takeTurn(session, model.name)
        await change(session, tableOf(model).name, [creation], creations.slice(i))
      })
    }
  }
  return all.map(({ relation }) => relation)
}

/** Keeps other servers from the same until the end of the transaction. Asks again and again, because another may take longer than a statement may wait. */
async function takeTurn (session: Session, name: string): Promise<void> {
  while (!(await session.one<{ isTaken: boolean }>(LOCK, [name])).isTaken) await pause(ASK_AGAIN)
}

const LOCK = { text: 'select pg_try_advisory_xact_lock(hashtextextended($1, 0)) as "isTaken"' }

/** In milliseconds. */
const ASK_AGAIN = 50

async function prepare (session: Session, model: Model): Promise<{ relation: Relation, creations: readonly string[] }> {
  const table = tableOf(model)
  if (!await isThere(session, table.name)) {
    await runAll(session, creationOf(table, model))
    return { relation: await relationOf(session, table.name), creations: [] }
  }
  const { faults, changes, creations } = growthOf(table, model, await relationOf(session, table.name))
  if (faults.length > 0) throw misfit(table.name, faults.join('; '))
  await change(session, table.name, changes, [...changes, ...creations])
  return { relation: await relationOf(session, table.name), creations }
}

/** Changes a table. Where that fails, the error says what is still to be done. */
async function change (session: Session, table: string, changes: readonly string[], toDo: readonly string[]): Promise<void> {
  await runAll(session, changes).catch((error: unknown) => {
    if (isDown(error) && !isTooLong(error)) throw error
    throw misfit(table, `${messageOf(error)}: ${isBrokenBy(error) ? 'change the records, or the schema, and then run' : 'its owner must run'} ${toDo.join('; ')}`, error)
  })
}

const misfit = (table: string, what: string, cause?: unknown): Error => new Error(`the table ${table} does not fit the schema: ${what}`, { cause })

/** Tells whether a statement took longer than it may, as it does again at the next attempt. */
const isTooLong = ({ cause }: Error): boolean => cause instanceof pg.DatabaseError && cause.code === '57014'

/** Tells whether records that are there break what was to be added (class 23 of PostgreSQL's codes). */
const isBrokenBy = (error: unknown): boolean => error instanceof pg.DatabaseError && String(error.code).startsWith('23')

/** Asked first, because "create if not exists" needs the right to create even where it does nothing. */
const isThere = async (session: Session, name: string): Promise<boolean> => (await session.all(RELATION, [name])).length > 0

const relationOf = (session: Session, name: string): Promise<Relation> => session.one<Relation>(RELATION, [name])

async function runAll (session: Session, statements: readonly string[]): Promise<void> {
  for (const text of statements) await session.all({ text })
}
