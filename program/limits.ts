/** The limits of what clients may use of a server by their connections. Times are in milliseconds. */
export const LIMITS = {
  /** How many connections may be open at once: one that comes when so many are is closed. */
  connections: 2048,
  /** How many requests may wait on one connection for the answers before theirs; then no more is read of it. */
  waiting: 16,
  /** How many bytes of answers may wait for clients to read them, on all connections together. */
  unread: 48 * 1024 * 1024,
  /** How long the fields of a request may take to come. */
  fieldsTimeout: 30_000,
  /** How long a request may take to come, with its body. */
  requestTimeout: 60_000,
  /** How long an answer may stand still because its client does not read. */
  stallTimeout: 30_000,
  /** How long a request and its answer may take together. */
  exchangeTimeout: 75_000,
  /** How often to look for clients that are too slow. */
  checkInterval: 5000,
  /** How long to wait for a client that is to close: for one more request, and then for its end. */
  linger: 1000
}

export type ConnectionLimits = typeof LIMITS
