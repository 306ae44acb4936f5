import pg from 'pg'
import { fail, messageOf, openConnections, type Connections, type Session, type Statement } from './connections.js'
import type { readLimits } from './limits.js'
import { isShared } from './pooler.js'
import type { Selection } from './select.js'
import { createTurns } from './turns.js'

/**
 * A PostgreSQL database. Its connections are shared out, so that no kind of work takes them all: some are for lists alone, and
 * of the others, writes leave one to reads. Each statement of a session runs in a transaction of its own.
 */
export interface Database extends Session {
  /** Runs a statement that may take long, of which so many rows are asked for at most: it has less time, and of those with many rows one runs at a time. */
  list<R> (selection: Selection, limit: number): Promise<R[]>
  /** Runs one statement that writes, or a few that need not happen together. */
  write<T> (work: (session: Session) => Promise<T>): Promise<T>
  /** Runs all that `work` does in one transaction, which is undone if it fails. It may have a shorter `lockTimeout` than others, in milliseconds. */
  transaction<T> (work: (session: Session) => Promise<T>, lockTimeout?: number): Promise<T>
  /** Runs the works on one record one after the other: what waits has no connection. */
  inTurnOn<T> (record: string, work: () => Promise<T>): Promise<T>
  /** Returns if the database runs a statement, on a connection that nothing else uses. */
  ping (probe: Statement): Promise<void>
  close (): Promise<void>
}

/** The part of the connections that is for lists. */
const LISTS_SHARE = 1 / 4

/** The most rows that are few: to read more takes this process longer than the database, and others wait meanwhile. */
const FEW = 100

/** How many statements with many rows may wait: to read the rows of so many takes the process about a second. */
const MOST_WAITING = 64

/** Opens the database that a URL with limits names. Rejects where it cannot be reached. */
export async function openDatabase ({ max, server, lists: forLists, driver }: ReturnType<typeof readLimits>): Promise<Database> {
  const shared = await isShared(driver, server).catch(fail)
  const most = Math.ceil(max * LISTS_SHARE)
  const lists = openConnections({ ...driver, max: most }, forLists, shared)
  const records = openConnections({ ...driver, max: max - most }, server, shared)
  const health = openConnections({ ...driver, max: 1 }, server, shared)
  const inTurn = createTurns<Connections>(max - most - 1, driver.connectionTimeoutMillis)
  const inTurnOfMany = createTurns<Session>(1, driver.connectionTimeoutMillis, MOST_WAITING)

  return {
    all: records.all,
    one: records.one,
    list: (selection, limit) => limit > FEW ? inTurnOfMany(lists, () => lists.all(selection, selection.values)) : lists.all(selection, selection.values),
    write: (work) => inTurn(records, () => work(records)),
    transaction: (work, lockTimeout) => inTurn(records, () => records.transaction(work, lockTimeout)),
    inTurnOn: createTurns<string>(1, driver.connectionTimeoutMillis),

    async ping (probe) {
      await health.all(probe)
    },

    async close () {
      await Promise.all([lists.close(), records.close(), health.close()])
    }
  }
}

/** The host and the port of the database that a URL names. Throws where it is no such URL. */
export function addressOf (url: string): string {
  try {
    const { host, port } = new pg.Client(url)
    return `${host}:${port}`
  } catch (error) {
    throw new Error(`the URL of the PostgreSQL store cannot be read: ${messageOf(error)}`)
  }
}
