import pg from 'pg'
import { StoreUnavailable } from '../store.js'

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

/** A PostgreSQL database, behind a pool of connections: each statement runs on any of them, in a transaction of its own. */
export interface Database extends Session {
  /** The host and the port. */
  readonly address: string
  /** Runs all that `work` does in one transaction, which is undone if it fails. */
  transaction<T> (work: (session: Session) => Promise<T>): Promise<T>
  close (): Promise<void>
}

/** The limits, and what they are where the URL does not set them: times are in milliseconds. */
const LIMITS = {
  /** The most connections. */
  max: 10,
  /** How long a request may wait for a connection, be it a new one or one that is in use. */
  connectionTimeoutMillis: 5000,
  /** How long a connection without use is kept. */
  idleTimeoutMillis: 30_000,
  /** How long a statement may run before the database ends it. */
  statement_timeout: 5000,
  /** How long to wait for a database that does not even do that. */
  query_timeout: 6000,
  /** After which time the database undoes what a server has begun and not gone on with, so that it blocks no other. */
  idle_in_transaction_session_timeout: 10_000
}

/** What undoes itself and may be tried again: by the classes of the codes in appendix A of PostgreSQL's manual. */
const TRANSIENT = /^(08|25006|25P03|28|3D|40|53|55P03|57)/

const INT8 = 20

/** Finds the database that a URL names; connects only when there is something to do. Throws where it is no such URL. */
export function findDatabase (url: string): Database {
  const { host, port } = readUrl(url)
  const types = new pg.TypeOverrides()
  // Every integer of a record is a safe one.
  types.setTypeParser(INT8, Number)
  const pool = new pg.Pool({ ...limitsOf(url), connectionString: url, types, keepAlive: true })
  // A connection that breaks is left by the pool, and whoever waits on it is told. Without a listener, the process would end.
  pool.on('error', ignore)
  pool.on('connect', (client) => { client.on('error', ignore) })

  return {
    ...sessionOn(pool),

    address: `${host}:${port}`,

    async transaction (work) {
      const client = await pool.connect().catch(fail)
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
    },

    close: () => pool.end()
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

function limitsOf (url: string): typeof LIMITS {
  const parameters = new URLSearchParams(url.replace(/^[^?]*/, ''))
  return Object.assign({}, ...Object.entries(LIMITS).map(([name, value]) => ({ [name]: Number(parameters.get(name) ?? value) })))
}

const fails = async (promise: Promise<unknown>) => (await Promise.allSettled([promise]))[0].status === 'rejected'

function ignore (): void {}
