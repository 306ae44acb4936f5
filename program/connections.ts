import { once } from 'node:events'
import { open as openFile } from 'node:fs/promises'
import { createServer as createHttpServer, IncomingMessage, ServerResponse, type RequestListener, type Server, type ServerOptions } from 'node:http'
import { Server as NetServer, Socket } from 'node:net'
import { devNull } from 'node:os'
import type { Duplex } from 'node:stream'
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import { createHeldBytes, type Holder } from '../http/held-bytes.js'
import { sendProblem } from '../http/problem.js'

/** What clients may use of a server by their connections. Times are in milliseconds. */
export interface ConnectionLimits {
  /** How many connections may be open at once: one that comes when so many are is closed. Default: 2048. */
  connections: number
  /** How many requests may wait on one connection for the answers before theirs; then no more is read of it. Default: 16. */
  waiting: number
  /** How many bytes of answers may wait for clients to read them, on all connections together. Default: 64 MiB. */
  unread: number
  /** How long the fields of a request may take to come. Default: 30,000. */
  fieldsTimeout: number
  /** How long a request may take to come, with its body. Default: 60,000. */
  requestTimeout: number
  /** How long an answer may stand still because its client does not read. Default: 30,000. */
  stallTimeout: number
  /** How long a request and its answer may take together. Default: 75,000. */
  exchangeTimeout: number
  /** How often it is looked for what has taken too long. Default: 5000. */
  checkInterval: number
  /** How long a client is waited for that is to close: for one more request, and then for its end. Default: 1000. */
  linger: number
}

const LIMITS: ConnectionLimits = {
  connections: 2048,
  waiting: 16,
  unread: 64 * 1024 * 1024,
  fieldsTimeout: 30_000,
  requestTimeout: 60_000,
  stallTimeout: 30_000,
  exchangeTimeout: 75_000,
  checkInterval: 5000,
  linger: 1000
}

export interface ConnectionsOptions {
  limits?: Partial<ConnectionLimits> | undefined
  /** Where to log, once a minute, that there are too many connections, or that none can be accepted. */
  log: { warn (message: string): void, error (error: Error, message: string): void }
}

/** What is under way on a connection, in order. */
interface Connection extends Holder {
  readonly socket: Socket
  /** The answer that is being given, or else the last that was. */
  current: ServerResponse | undefined
  /** The answer to the request that came last. */
  last: ServerResponse | undefined
  /** How many answers wait for the ones before them. */
  waiting: number
  /** What is the last answer, because what came cannot be read as a request. */
  refusal: { readonly answer: ServerResponse, readonly status: number } | undefined
  /** Since when the current answer is known to be under way. */
  watched: { readonly answer: ServerResponse, readonly since: number } | undefined
}

const UNREADABLE = 'what was sent cannot be read as an HTTP request'

/** How many milliseconds a client has to read, or to send, even where what it holds is needed for others. */
const PATIENCE = 1000

/**
 * The connections of a server: one request after another on each (RFC 9112, section 9.3.2), refusals in their turn, an end
 * for clients that are too slow, and one for all when the server shuts down.
 */
export function createConnections ({ limits: given, log }: ConnectionsOptions) {
  const limits = { ...LIMITS, ...given }
  const open = new Map<Duplex, Connection>()
  const unread = createHeldBytes({ most: limits.unread, patience: PATIENCE })
  let handle: RequestListener
  let draining = false
  let accepted = 0
  return { createServer, refuse, drain }

  /** Makes the server whose connections these are. */
  function createServer (listener: RequestListener, options: ServerOptions): Server {
    handle = listener
    const { fieldsTimeout: headersTimeout, requestTimeout, checkInterval: connectionsCheckingInterval } = limits
    const server = createHttpServer({ ...options, headersTimeout, requestTimeout, connectionsCheckingInterval }, take)
    server.maxConnections = limits.connections
    server.on('connection', accept)
    // The one method that Node.js gives no request for: no server but a proxy has what it asks (RFC 9110, section 9.3.6).
    server.on('connect', (_request, socket) => refuse(501, socket))
    server.on('drop', atMostOnceAMinute(() => log.warn(`no more than ${limits.connections} connections at once: some were closed when they came`)))
    const logError = atMostOnceAMinute((error: Error) => log.error(error, 'connections cannot be accepted'))
    // Where it does not listen yet, whoever told it to hears of it.
    server.on('error', (error) => { if (server.listening) logError(error) })
    const checks = setInterval(check, limits.checkInterval).unref()
    server.on('close', () => clearInterval(checks))
    return server

    function check (): void {
      cutOffSlow()
      // Where no file descriptor is left, connections are closed when they come, without a word.
      openFile(devNull).then((file) => file.close(), logError)
    }
  }

  function accept (socket: Socket): void {
    const giveUp = () => socket.destroy()
    const connection: Connection = { socket, giveUp, current: undefined, last: undefined, waiting: 0, refusal: undefined, watched: undefined }
    accepted++
    open.set(socket, connection)
    socket.once('close', () => {
      open.delete(socket)
      unread.release(connection)
    })
    // The parser asks for more after each message, whatever waits.
    socket.on('resume', () => { if (isFull(connection)) socket.pause() })
    socket.on('drain', () => unread.release(connection))
    socket.uncork = () => flush(connection)
    socket.destroySoon = () => close(socket)
  }

  function take (request: IncomingMessage, response: ServerResponse): void {
    const connection = open.get(request.socket)
    if (connection !== undefined && connection.refusal === undefined) takeTurn(connection, response)
  }

  /** Begins with an answer when the one before it is finished; never where that was the last, or was cut off. */
  function takeTurn (connection: Connection, answer: ServerResponse): void {
    const { socket, last } = connection
    connection.last = answer
    if (last === undefined || last.closed) return begin(connection, answer)
    connection.waiting++
    if (isFull(connection)) socket.pause()
    last.once('close', () => {
      const wasFull = isFull(connection)
      connection.waiting--
      if (wasFull) socket.resume()
      if (socket.writable) begin(connection, answer)
    })
  }

  function begin (connection: Connection, answer: ServerResponse): void {
    connection.current = answer
    if (draining) answer.shouldKeepAlive = false
    if (connection.refusal?.answer === answer) sendRefusal(connection, connection.refusal)
    // Node.js takes a request line without a version for one of HTTP/0.9.
    else if (answer.req.httpVersionMajor < 1) sendProblem(answer, 400, UNREADABLE)
    else if (unread.hasRoom()) handle(answer.req, answer)
    else sendProblem(answer, 503, 'the answers that clients have not read yet are too many for now', { 'Retry-After': '1' })
  }

  /** Refuses what came on a connection and is no request, after the answers before it; the connection ends with that. */
  function refuse (status: number, stream: Duplex): void {
    const connection = open.get(stream)
    if (connection === undefined || connection.refusal !== undefined || !stream.writable) return
    const { socket, current, last } = connection
    if (last === undefined || last.req.complete) {
      const answer = new ServerResponse(new IncomingMessage(socket))
      connection.refusal = { answer, status }
      takeTurn(connection, answer)
    } else {
      // It is the body of the last request that cannot be read.
      connection.refusal = { answer: last, status }
      if (last === current) sendRefusal(connection, connection.refusal)
    }
  }

  function sendRefusal ({ socket }: Connection, { answer, status }: NonNullable<Connection['refusal']>): void {
    if (answer.closed) {
      close(socket)
      return
    }
    if (answer.socket === null) answer.assignSocket(socket)
    answer.shouldKeepAlive = false
    answer.once('finish', () => close(socket))
    // What has begun is the answer to this request: it gets no other.
    if (!answer.headersSent) sendProblem(answer, status, UNREADABLE)
  }

  /** Sends what has been written, and notes how much of it its client makes wait. */
  function flush (connection: Connection): void {
    const { socket } = connection
    Socket.prototype.uncork.call(socket)
    if (socket.writableLength <= socket.writableHighWaterMark) return
    unread.hold(connection, socket.writableLength)
    // Node.js restarts this time whenever the client takes something, and sets another when the answer is finished.
    socket.setTimeout(limits.stallTimeout)
  }

  /** Closes our side of a connection, and all of it when the client has closed its own, or after a while (RFC 9112, section 9.6). */
  function close (socket: Socket): void {
    if (socket.writableEnded) return
    socket.end()
    const timer = setTimeout(() => socket.destroy(), limits.linger)
    socket.once('close', () => clearTimeout(timer))
  }

  /**
   * Shuts down: from now on each answer says that it is the last on its connection. Resolves when connections on which
   * nothing is under way are closed, by the clients if they use them once more before long.
   */
  async function drain (server: Server): Promise<void> {
    draining = true
    await acceptWaiting()
    const gone = once(server, 'close')
    // Listens no more. What Node.js adds to this for HTTP would cut off clients that are about to send.
    NetServer.prototype.close.call(server)
    for (const { current } of open.values()) if (current?.headersSent === false) current.shouldKeepAlive = false
    await Promise.race([gone, sleep(limits.linger, undefined, { ref: false })])
    // On a busy machine the timer is late, and requests have come that are not read yet: they are, in one turn.
    await nextTurn()
    for (const { socket, last } of open.values()) {
      if (last === undefined || last.closed) close(socket)
      else last.once('close', () => close(socket))
    }
    await Promise.race([gone, sleep(limits.linger, undefined, { ref: false })])
  }

  /**
   * Accepts the connections that wait for it, one in each turn of the event loop. Their clients know them as open already, and
   * the system would reset them with the listening socket.
   */
  async function acceptWaiting (): Promise<void> {
    const end = performance.now() + limits.linger
    // The rest of this turn may have no more to do with the network.
    await nextTurn()
    let before
    do {
      before = accepted
      await nextTurn()
    } while (accepted !== before && performance.now() < end)
  }

  function cutOffSlow (): void {
    const now = performance.now()
    for (const connection of open.values()) {
      const { current: answer, watched, socket } = connection
      if (answer === undefined || answer.closed) continue
      if (watched?.answer !== answer) connection.watched = { answer, since: now }
      else if (now - watched.since > limits.exchangeTimeout) socket.destroy()
    }
  }

  function isFull ({ waiting }: Connection): boolean {
    return waiting >= limits.waiting
  }
}

/** Passes on the first call of each minute. */
function atMostOnceAMinute<T extends unknown[]> (act: (...parts: T) => void): (...parts: T) => void {
  let next = -Infinity
  return (...parts) => {
    if (performance.now() < next) return
    next = performance.now() + 60_000
    act(...parts)
  }
}
