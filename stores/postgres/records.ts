import pg from 'pg'
import type { Fields, Item } from '../../schemas/resource.js'
import { idReader, keepId, keyOf } from '../ids.js'
import { Duplicate, type Awaitable, type Entry, type Id, type Model } from '../store.js'
import type { Session, Statement } from './connections.js'
import { isSameSet, type Relation } from './growth.js'
import { PLACE, rowReader, valuesOf, type statementsOf, type Table } from './table.js'

/** What is to become of a record that is there. */
export interface Change {
  readonly id: Id
  /** Gives its new fields, or undefined where it is to go. Throws where it is to stay as it is. */
  decide (current: Entry): Fields | undefined
}

/** The code of an error (appendix A of PostgreSQL's manual). */
const UNIQUE_VIOLATION = '23505'

/** The records in a table: what is done with one of them, or with several in a few round trips, in a session of the caller's. */
export function recordsIn (table: Table, statements: ReturnType<typeof statementsOf>, model: Model, indexes: Relation['indexes']) {
  const readRow = rowReader(table)
  const idOf = idReader(model.key)
  const valuesOfId = keyOf(model)
  /** How many characters the largest of the records had that came last. */
  let size = 1

  return { toEntry, sizeOfRecord: () => size, find, findMany, insert, insertNew, insertMany, change, changeMany }

  /** Makes the entry of a row: at each read, unlike in other stores, because people may write to the table with SQL. */
  function toEntry (row: Item): Entry {
    const entry = model.represent(readRow(row))
    // It grows at once, and shrinks slowly, so that one small record among large ones does not count.
    size = Math.max(entry.body.length, size * 0.95)
    return entry
  }

  async function find (session: Session, id: Id, statement = statements.get): Promise<Entry | undefined> {
    const row = await session.one<Item | undefined>(statement, valuesOfId(id))
    return row && toEntry(row)
  }

  /** Those of some ids that are there, by their ids. */
  async function findMany (session: Session, ids: readonly Id[], statement = statements.getMany): Promise<Map<Id, Entry>> {
    const rows = await session.all<Item>(statement, columnsOf(ids))
    return new Map(rows.map(toEntry).map((entry) => [entry.id, entry]))
  }

  async function insert (session: Session, item: Item): Promise<Entry> {
    return written(await write(session, statements.insert, item))
  }

  /** Gives none where there is one with this key. */
  async function insertNew (session: Session, item: Item): Promise<Entry | undefined> {
    const row = await write(session, statements.insertNew, item)
    return row && toEntry(row)
  }

  /** Gives the new rows by their places in the list. A trigger of somebody's may have left some out. */
  async function insertMany (session: Session, items: readonly Item[]): Promise<Map<number, Item>> {
    const rows = await session.all<Item>(statements.insertMany, [JSON.stringify(items)])
    return new Map(rows.map(({ [PLACE]: place, ...row }) => [Number(place) - 1, row]))
  }

  /** Gives the entry that is there afterwards or, where it is gone, that was; none where there was none. Needs a transaction. */
  async function change (session: Session, { id, decide }: Change): Promise<Entry | undefined> {
    const current = await find(session, id, statements.lock)
    if (current === undefined) return undefined
    const fields = decide(current)
    if (fields !== undefined) return written(await write(session, statements.update, keepId(model, current, fields), valuesOfId(id)))
    await session.all(statements.delete, valuesOfId(id))
    return current
  }

  /**
   * The same for several records, of which it gives the outcomes by their ids. It has none for one that is not there, one that somebody else has
   * locked, for whom the others would wait, and one that a trigger has left as it was. The rows become entries when they are asked for, after the commit. Needs a transaction.
   */
  async function changeMany (session: Session, changes: readonly Change[]): Promise<Map<Id, () => Awaitable<Entry>>> {
    const locked = await findMany(session, changes.map(({ id }) => id), statements.lockMany)
    const outcomes = new Map<Id, () => Awaitable<Entry>>()
    const updates: Item[] = []
    const deletions: Id[] = []
    for (const { id, decide } of changes) {
      const current = locked.get(id)
      if (current === undefined) continue
      try {
        const fields = decide(current)
        if (fields !== undefined) {
          updates.push(keepId(model, current, fields))
        } else {
          deletions.push(id)
          outcomes.set(id, () => current)
        }
      } catch (error) {
        outcomes.set(id, () => Promise.reject(error))
      }
    }
    const rows = updates.length === 0 ? [] : await session.all<Item>(statements.updateMany, [JSON.stringify(updates)])
    for (const row of rows) outcomes.set(idOf(row), () => toEntry(row))
    if (deletions.length > 0) await session.all(statements.deleteMany, columnsOf(deletions))
    return outcomes
  }

  /** Runs a statement that writes a record, and gives its row. */
  async function write (session: Session, statement: Statement, item: Item, key: readonly unknown[] = []): Promise<Item | undefined> {
    return session.one<Item | undefined>(statement, [...key, ...valuesOf(table.written, item)]).catch((error: unknown) => {
      throw error instanceof pg.DatabaseError && error.code === UNIQUE_VIOLATION ? toDuplicate(error, item) : error
    })
  }

  function written (row: Item | undefined): Entry {
    if (row === undefined) throw new Error(`a trigger of ${table.name} has left out what was to be written`)
    return toEntry(row)
  }

  /** An index that is newer than this server is known by its name alone. */
  function toDuplicate (error: pg.DatabaseError, item: Item): Error {
    const { properties } = indexes.find(({ name }) => name === error.constraint) ?? { properties: [String(error.constraint)] }
    if (!isSameSet(properties, model.key)) return new Duplicate(properties)
    return model.ids === 'own' ? new Duplicate(model.key, idOf(item)) : error
  }

  /** For each column of the key, the values that some ids have. */
  function columnsOf (ids: readonly Id[]): unknown[] {
    const keys = ids.map(valuesOfId)
    return table.key.map((_, i) => keys.map((values) => values[i]))
  }
}
