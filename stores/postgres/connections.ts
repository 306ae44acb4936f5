import { hash } from 'node:crypto'
import pg from 'pg'
import { StoreUnavailable } from '../store.js'

/** A statement. With a name, it is prepared once on each connection, where the connection stays ours. */
export interface Statement {
  readonly text: string
  readonly name?: string
}

/** A statement to be prepared. Its name is a digest, so that no two have the same. */
export const prepared = (text: string): Statement => ({ text, name: hash('sha256', text, 'base64url') })

/** Runs statements, on one connection or on any of several. */
export interface Session {
  /** The rows that a statement gives. */
  all<R> (statement: Statement, values?: readonly unknown[]): Promise<R[]>
  /** The first of them; where there may be none, `R` must say so. */
  one<R> (statement: Statement, values?: readonly unknown[]): Promise<R>
}

/** Some connections to a database: each statement runs on any of them, in a transaction of its own. */
export interface Connections extends Session {
  /** Runs all that `work` does in one transaction, which is undone if it fails. It may have a shorter `lockTimeout` than others, in milliseconds. */
  transaction<T> (work: (session: Session) => Promise<T>, lockTimeout?: number): Promise<T>
  close (): Promise<void>
}

/** The limits that the database itself keeps to: times in milliseconds. */
export interface ServerLimits {
  readonly statement_timeout: number
  readonly lock_timeout: number
  readonly idle_in_transaction_session_timeout: number
}

/** The beginnings of codes (appendix A of PostgreSQL's manual) for what is no fault of the statement, and may soon be over, refusals included. */
const TRANSIENT = /^(08|0A000|25006|25P03|28|3D|40|42501|42P01|42703|53|55P03|57)/

/** Those of them that a start waits out: they are about the database as a whole, or a table that somebody else has locked. */
const DOWN = /^(08|53|55P03|57)/

/** Those that one of several requests may bring about: a conflict with somebody's transaction, a lock, or the time of a statement. */
const ALONE = /^(40|55P03|57014)/

/** How values are read, by the ids of their types: as the records have them. */
const READERS: Readonly<Record<number, (text: string) => unknown>> = {
  // Every bigint of a record is a safe one.
  [pg.types.builtins.INT8]: Number,
  [pg.types.builtins.DATE]: String,
  [pg.types.builtins.TIMESTAMPTZ]: readTime
}

/** The driver's own reader. SQL can write times that JavaScript does not know, as `infinity`. */
const parseTime = pg.types.getTypeParser(pg.types.builtins.TIMESTAMPTZ) as (text: string) => Date | number

function readTime (text: string): string {
  const time = parseTime(text)
  return time instanceof Date ? time.toISOString() : text
}

/**
 * Opens connections when there is something to do. `shared` says that a pooler is in between, which gives each transaction any
 * of its own connections: then no connection has limits from its start, or prepared statements, and each transaction sets the limits first.
 */
export function openConnections (config: pg.PoolConfig, limits: ServerLimits, shared: boolean): Connections {
  const types = new pg.TypeOverrides()
  for (const [id, read] of Object.entries(READERS)) types.setTypeParser(Number(id), read)
  const pool = new pg.Pool({ ...config, ...(shared ? {} : limits), types, keepAlive: true })
  // The pool drops a connection that breaks, and tells whoever waits on it. Without a listener, the process would end.
  pool.on('error', ignore)
  pool.on('connect', (client) => { client.on('error', ignore) })

  const setLimits = shared ? Object.entries(limits).map(([name, limit]) => `set local ${name} = ${limit}`) : []
  // Each statement sees what was committed before it, whatever the database's default is: a lock is enough to decide on.
  const begin = (lockTimeout?: number) => ({
    text: ['begin isolation level read committed', ...setLimits, ...lockTimeout === undefined ? [] : [`set local lock_timeout = ${lockTimeout}`]].join('; ')
  })

  return {
    ...sessionOf(shared ? runShared : (statement, values) => run(pool, statement, values)),
    transaction,
    close: () => pool.end()
  }

  async function transaction<T> (work: (session: Session) => Promise<T>, lockTimeout?: number): Promise<T> {
    const client = await pool.connect().catch(fail)
    const session = sessionOf((statement, values) => run(client, shared ? { text: statement.text } : statement, values))
    try {
      await session.all(begin(lockTimeout))
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
  }

  /** Sends the limits and a statement as one text, in one round trip. Only numbers are put into a text: a statement with other values is a transaction. */
  async function runShared (statement: Statement, values: readonly unknown[] = []): Promise<unknown[]> {
    if (!values.every(Number.isFinite)) return transaction((session) => session.all(statement, values))
    return run(pool, { text: [...setLimits, withNumbers(statement.text, values)].join('; ') })
  }
}

const COMMIT = { text: 'commit' }
const ROLLBACK = { text: 'rollback' }

/** Runs a statement, and gives its rows: of what type they are is for the caller to know. */
type Run = (statement: Statement, values?: readonly unknown[]) => Promise<unknown[]>

function sessionOf (run: Run): Session {
  const all: Session['all'] = async <R>(statement: Statement, values?: readonly unknown[]) => await run(statement, values) as R[]
  return { all, one: async <R>(statement: Statement, values?: readonly unknown[]) => (await all<R>(statement, values))[0] as R }
}

async function run (connection: pg.Pool | pg.PoolClient, { text, name }: Statement, values: readonly unknown[] = []): Promise<unknown[]> {
  try {
    // A text of several statements has as many results: the last is what was asked for.
    const results: pg.QueryResult<Record<string, unknown>> | readonly pg.QueryResult<Record<string, unknown>>[] = await connection.query({ text, name, values: [...values] })
    return [results].flat().reduce((_before, last) => last).rows
  } catch (error) {
    throw toFailure(error)
  }
}

/** Puts numbers in place of `$1` and so on, which may also be a part of a quoted name. */
function withNumbers (text: string, values: readonly unknown[]): string {
  return text.replaceAll(/"(?:[^"]|"")*"|\$(\d+)/g, (part, place?: number) => place === undefined ? part : String(values[place - 1]))
}

/** Throws an error as a failure of the store. */
export function fail (error: unknown): never {
  throw toFailure(error)
}

/** Makes a failure of the store from an error: a `StoreUnavailable`, unless the database itself says that it is something else. */
export function toFailure (error: unknown): unknown {
  const isAnswer = error instanceof pg.DatabaseError && !TRANSIENT.test(String(error.code))
  return isAnswer ? error : new StoreUnavailable(messageOf(error), { cause: error })
}

/** Tells whether a failure is that of a database that is not up, or not yet, rather than one that refuses something. */
export function isDown (failure: unknown): failure is StoreUnavailable {
  return failure instanceof StoreUnavailable && !(failure.cause instanceof pg.DatabaseError && !DOWN.test(String(failure.cause.code)))
}

/**
 * Tells whether one of several requests may have made all of them fail that were sent together, so that others would not fail alone: by what it
 * asks for, by a lock that it meets, or by its time. Nothing has happened then. Where the database does not answer, or ends the connection, the write may have.
 */
export function mayPassAlone (failure: unknown): boolean {
  if (!(failure instanceof StoreUnavailable)) return true
  return failure.cause instanceof pg.DatabaseError && ALONE.test(String(failure.cause.code))
}

/** The message of an error or, where it has none because several addresses were tried in vain, its code. */
export function messageOf (error: unknown): string {
  const { message, code } = error as NodeJS.ErrnoException
  return message || String(code)
}

const fails = async (promise: Promise<unknown>) => (await Promise.allSettled([promise]))[0].status === 'rejected'

function ignore (): void {}
