import pg from 'pg'
import { StoreUnavailable } from '../store.js'
import { readLimits } from './limits.js'
import { createTurns } from './turns.js'

/** A statement. With a name, it is prepared once on each connection. */
export interface Statement {
  readonly text: string
  readonly name?: string
}

/** Where statements run. */
export interface Session {
  /** The rows that a statement gives. */
  all<R> (statement: Statement, values?: readonly unknown[]): Promise<R[]>
  /** The first of them; where there may be none, `R` must say so. */
  one<R> (statement: Statement, values?: readonly unknown[]): Promise<R>
}

/**
 * A PostgreSQL database. Its connections are shared out, so that no kind of work takes them all: some are for lists alone, and
 * of the others, writes leave one to reads. Each statement of a session runs in a transaction of its own.
 */
export interface Database extends Session {
  /** The host and the port. */
  readonly address: string
  /** For statements that may take long: they have less time each. */
  readonly lists: Session
  /** Runs one statement that writes, or a few that need not happen together. */
  write<T> (work: (session: Session) => Promise<T>): Promise<T>
  /** Runs all that `work` does in one transaction, which is undone if it fails. */
  transaction<T> (work: (session: Session) => Promise<T>): Promise<T>
  /** The same, for a write to one record: others to that record wait without a connection. */
  transactionOn<T> (id: number, work: (session: Session) => Promise<T>): Promise<T>
  /** Returns if the database runs a statement, on a connection that nothing else uses. */
  ping (probe: Statement): Promise<void>
  close (): Promise<void>
}

/** Which part of the connections is for lists. */
const LISTS_SHARE = 1 / 4

/** What is no fault of the statement, and may be otherwise soon, a refusal or a table that is gone included: by the beginnings of the codes in appendix A of PostgreSQL's manual. */
const TRANSIENT = /^(08|25006|25P03|28|3D|40|42501|42P01|42703|53|55P03|57)/

const INT8 = 20

/** Finds the database that a URL names; connects only when there is something to do. Throws where it is no such URL. */
export function findDatabase (url: string): Database {
  const { host, port } = readUrl(url)
  const { max, list_statement_timeout: listTimeout, ...limits } = readLimits(url)
  const types = new pg.TypeOverrides()
  // Every integer of a record is a safe one.
  types.setTypeParser(INT8, Number)
  const forLists = Math.ceil(max * LISTS_SHARE)
  const lists = createPool({ max: forLists, statement_timeout: Math.min(listTimeout, limits.statement_timeout) })
  const records = createPool({ max: max - forLists })
  const health = createPool({ max: 1 })
  const inTurn = createTurns(max - forLists - 1, limits.connectionTimeoutMillis)
  const inTurnOn = createTurns<number>(1, limits.connectionTimeoutMillis)

  return {
    ...sessionOn(records),

    address: `${host}:${port}`,

    lists: sessionOn(lists),

    write: (work) => inTurn(records, () => work(sessionOn(records))),

    transaction,

    transactionOn: (id, work) => inTurnOn(id, () => transaction(work)),

    async ping (probe) {
      await sessionOn(health).all(probe)
    },

    async close () {
      await Promise.all([lists.end(), records.end(), health.end()])
    }
  }

  function createPool (its: pg.PoolConfig): pg.Pool {
    const pool = new pg.Pool({ ...limits, ...its, types, keepAlive: true })
    // A connection that breaks is left by the pool, and whoever waits on it is told. Without a listener, the process would end.
    pool.on('error', ignore)
    pool.on('connect', (client) => { client.on('error', ignore) })
    return pool
  }

  function transaction<T> (work: (session: Session) => Promise<T>): Promise<T> {
    return inTurn(records, async () => {
      const client = await records.connect().catch(fail)
      const session = sessionOn(client)
      try {
        await session.all(BEGIN)
        const result = await work(session)
        await session.all(COMMIT)
        client.release()
        return result
      } catch (error) {
        // Where the connection does not answer, closing it undoes what was begun.
        const broken = error instanceof StoreUnavailable || await fails(session.all(ROLLBACK))
        client.release(broken)
        throw error
      }
    })
  }
}

// Each statement sees what was committed before it, whatever the database's default is: a lock is enough to decide on.
const BEGIN = { text: 'begin isolation level read committed' }
const COMMIT = { text: 'commit' }
const ROLLBACK = { text: 'rollback' }

function sessionOn (connection: pg.Pool | pg.PoolClient): Session {
  async function query ({ text, name }: Statement, values: readonly unknown[] = []) {
    try {
      return await connection.query({ text, name, values: [...values] })
    } catch (error) {
      throw toFailure(error)
    }
  }

  return {
    all: async (statement, values) => (await query(statement, values)).rows,
    one: async (statement, values) => (await query(statement, values)).rows[0]
  }
}

function fail (error: unknown): never {
  throw toFailure(error)
}

/** What failed for the store: a `StoreUnavailable` unless the database itself says that it is something else. */
export function toFailure (error: unknown): unknown {
  const isAnswer = error instanceof pg.DatabaseError && !TRANSIENT.test(String(error.code))
  return isAnswer ? error : new StoreUnavailable(messageOf(error), { cause: error })
}

/** What an error says, in words or, where several addresses were tried in vain, by its code. */
export function messageOf (error: unknown): string {
  const { message, code } = Object(error)
  return String(message || code)
}

function readUrl (url: string): { host: string, port: number } {
  try {
    return new pg.Client(url)
  } catch (error) {
    throw new Error(`the URL of the PostgreSQL store cannot be read: ${messageOf(error)}`)
  }
}

const fails = async (promise: Promise<unknown>) => (await Promise.allSettled([promise]))[0].status === 'rejected'

function ignore (): void {}
