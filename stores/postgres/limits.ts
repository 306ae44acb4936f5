/** The most milliseconds that a timer of Node.js, or of PostgreSQL, takes. */
const MOST = 2 ** 31 - 1

/**
 * Reads the limits that the URL of a database sets, for the driver and for the database; all times are in milliseconds. What is
 * left of the URL is without them, because the driver would read them from there for every kind of connection. Throws where one is no such number.
 */
export function readLimits (url: string) {
  const [address, query] = url.split(/\?(.*)/s)
  const parameters = new URLSearchParams(query)
  const driver = {
    /** How long a request may wait for a connection, be it a new one or one that is in use. */
    connectionTimeoutMillis: take('connectionTimeoutMillis', 5000),
    /** How long a connection without use is kept. */
    idleTimeoutMillis: take('idleTimeoutMillis', 30_000),
    /** How long to wait for a database that does not even end a statement after its time. */
    query_timeout: take('query_timeout', 6000)
  }
  const server = {
    /** How long a statement may run. */
    statement_timeout: take('statement_timeout', 5000),
    /** How long a statement may wait for what another has locked. */
    lock_timeout: take('lock_timeout', 1000),
    /** After which time the database undoes what a server has begun and not gone on with, so that it blocks no other. */
    idle_in_transaction_session_timeout: take('idle_in_transaction_session_timeout', 10_000)
  }
  return {
    /** The most connections, beside the one for `ping`: at least one each for a list, a write and a read. */
    max: take('max', 12, 3),
    server,
    /** The same for lists, whose statements have less time than others wait for their connections. */
    lists: { ...server, statement_timeout: Math.min(take('list_statement_timeout', 2000), server.statement_timeout) },
    driver: { ...driver, connectionString: `${address}?${parameters.toString()}` }
  }

  function take (name: string, standard: number, least = 1): number {
    const text = parameters.get(name) ?? String(standard)
    parameters.delete(name)
    const limit = Number(text)
    if (Number.isInteger(limit) && String(limit) === text && limit >= least && limit <= MOST) return limit
    throw new Error(`the URL of the PostgreSQL store cannot be read: ${name} must be an integer from ${least} to ${MOST}`)
  }
}
