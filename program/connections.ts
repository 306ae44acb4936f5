import { open as openFile } from 'node:fs/promises'
import { createServer as createHttpServer, IncomingMessage, ServerResponse, type RequestListener, type Server, type ServerOptions } from 'node:http'
import { Server as NetServer, Socket } from 'node:net'
import { devNull } from 'node:os'
import type { Duplex } from 'node:stream'
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import { HttpError, Refusal } from '../http/error.js'
import { faultOf } from '../http/faults.js'
import { createHeldBytes, type Holder } from '../http/held-bytes.js'
import { originForm } from '../http/paths.js'
import { sendProblem } from '../http/problem.js'
import { idField, idOf } from '../http/request-id.js'
import { SECURITY_FIELDS } from '../http/security-fields.js'
import { LIMITS, type ConnectionLimits } from './limits.js'
import type { Trusts } from './proxies.js'

export interface ConnectionsOptions {
  /** Tells which proxies are trusted: from these, a target may have `https`. Default: none is. */
  trusts?: Trusts | undefined
  limits?: Partial<ConnectionLimits> | undefined
  /** Where to log what is refused, and once a minute that there are too many connections, or that none can be accepted. */
  log: { debug (about: object, message: string): void, warn (message: string): void, error (error: Error, message: string): void }
  /** Is told of each answer that comes from no app, before it is finished, with the id of its request. */
  onAnswer?: ((answer: ServerResponse, id: string) => void) | undefined
}

/** A connection, and what is under way on it, in order. */
interface Connection extends Holder {
  readonly socket: Socket
  /** The answer that is being given, or else the last that was. */
  current: ServerResponse | undefined
  /** The answer to the request that came last. */
  last: ServerResponse | undefined
  /** How many answers wait for the ones before them. */
  waiting: number
  /** The last answer of all, and why: something came that cannot be read as a request. */
  refusal: { readonly answer: ServerResponse, readonly error: HttpError } | undefined
  /** Since when the current answer is known to be under way. */
  watched: { readonly answer: ServerResponse, readonly since: number } | undefined
}

/** How long, in milliseconds, an answer that is not read is kept, even where its memory is needed for others. */
const PATIENCE = 1000

/** The methods that one path or another takes: the answer to `OPTIONS *`, which asks about the server (RFC 9110, section 9.3.7). */
export const ALLOW = 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS'

/**
 * The connections of a server: one request after another on each (RFC 9112, section 9.3.2), refusals in their turn, an end
 * for clients that are too slow, and one for all when the server shuts down.
 */
export function createConnections ({ trusts = () => false, limits: given, log, onAnswer }: ConnectionsOptions) {
  const limits = { ...LIMITS, ...given }
  const open = new Map<Duplex, Connection>()
  const mayBeSecure = ({ socket }: IncomingMessage) => trusts(String(socket.remoteAddress), 0)
  const unread = createHeldBytes({ most: limits.unread, patience: PATIENCE })
  let handle: RequestListener
  let draining = false
  let accepted = 0
  return { createServer, refuse, drain }

  /** Makes the server whose connections these are. */
  function createServer (listener: RequestListener, options: ServerOptions): Server {
    handle = listener
    const { fieldsTimeout, requestTimeout, checkInterval: connectionsCheckingInterval } = limits
    const server = createHttpServer({
      ...options,
      // Node.js wants it to be no longer than that of the request, of which the fields are a part.
      headersTimeout: Math.min(fieldsTimeout, requestTimeout),
      requestTimeout,
      connectionsCheckingInterval,
      // A missing Host, or a second one, is answered here: Node.js would send no problem for the one, and not see the other.
      requireHostHeader: false,
      joinDuplicateHeaders: true
    }, take)
    server.maxConnections = limits.connections
    // A client that has closed its side waits for its answers: by default, Node.js would end the connection before them.
    Object.assign(server, { httpAllowHalfOpen: true })
    server.on('connection', accept)
    server.on('connect', (_request, socket) => refuseTunnel(socket))
    server.on('checkContinue', takeExpectant)
    server.on('checkExpectation', take)
    server.on('drop', atMostOnceAMinute(() => log.warn(`no more than ${limits.connections} connections at once: some were closed when they came`)))
    const logError = atMostOnceAMinute((error: Error) => log.error(error, 'connections cannot be accepted'))
    // Before the server listens, `listen` itself fails with the error.
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
    // After a CONNECT, Node.js no longer listens for errors: one would end the process.
    socket.on('error', () => {})
    // The parser of Node.js resumes the socket after each message: it is paused again where too many requests wait.
    socket.on('resume', () => { if (isFull(connection)) socket.pause() })
    socket.on('drain', () => unread.release(connection))
    socket.uncork = () => flush(connection)
    socket.destroySoon = () => close(socket)
  }

  function take (request: IncomingMessage, response: ServerResponse): void {
    const connection = open.get(request.socket)
    if (connection !== undefined && connection.refusal === undefined) takeTurn(connection, response)
  }

  /** Takes a request whose client waits for 100 before it sends the body: it comes when somebody begins to read (RFC 9110, section 10.1.1). */
  function takeExpectant (request: IncomingMessage, response: ServerResponse): void {
    request.once('resume', () => { if (!response.headersSent) response.writeContinue() })
    take(request, response)
  }

  /** Begins with an answer when the one before it is finished; never where that was the last (RFC 9112, section 9.6), or was cut off. */
  function takeTurn (connection: Connection, answer: ServerResponse): void {
    const { socket, last } = connection
    const beginUnlessEnded = () => { if (socket.writable) begin(connection, answer) }
    connection.last = answer
    if (last === undefined || last.destroyed) return beginUnlessEnded()
    connection.waiting++
    if (isFull(connection)) socket.pause()
    last.once('close', () => {
      const wasFull = isFull(connection)
      connection.waiting--
      if (wasFull) socket.resume()
      beginUnlessEnded()
    })
  }

  function begin (connection: Connection, answer: ServerResponse): void {
    const { refusal } = connection
    connection.current = answer
    // Of what comes in one packet with a request that asks for another protocol, Node.js loses some: such a request is the last.
    if (draining || answer.req.headers.upgrade !== undefined) answer.shouldKeepAlive = false
    const error = refusal?.answer === answer ? refusal.error : faultOf(answer.req, mayBeSecure)
    if (error !== undefined) sendLast(connection, answer, error)
    else if (!unread.hasRoom()) answerWith(answer, tooMuchUnread())
    else if (answer.req.url === '*') answerForServer(answer)
    else pass(answer)
  }

  /** Hands a request on, its target as a path: on Deno, the router would end the process at an http URI. */
  function pass (answer: ServerResponse): void {
    const { req: request } = answer
    request.url = originForm(String(request.url))
    handle(request, answer)
  }

  /** Refuses what came on a connection and is no request, after the answers before it; the connection ends with that. */
  function refuse (error: HttpError, stream: Duplex): void {
    const connection = open.get(stream)
    if (connection === undefined || connection.refusal !== undefined || !stream.writable) return
    const { socket, current, last } = connection
    const isBody = last !== undefined && !last.req.complete
    const answer = isBody ? last : new ServerResponse(new IncomingMessage(socket))
    connection.refusal = { answer, error }
    // Where the client closes its side, Node.js would end the connection with the answer before this one.
    socket.removeAllListeners('end')
    if (!isBody) takeTurn(connection, answer)
    else if (answer.destroyed) close(socket)
    else if (answer === current) sendLast(connection, answer, error)
  }

  /** Refuses CONNECT, which is for proxies, and which Node.js gives no answer for (RFC 9110, section 9.3.6). */
  function refuseTunnel (socket: Duplex): void {
    // After CONNECT, Node.js does not pass the `drain` of the socket on to the answer under way.
    socket.on('drain', () => open.get(socket)?.current?.emit('drain'))
    refuse(new HttpError('not-implemented', 'the server is no proxy'), socket)
  }

  /** Answers with a problem, and ends the connection. An answer that has begun is the one to its request: it gets no other. */
  function sendLast ({ socket }: Connection, answer: ServerResponse, error: HttpError): void {
    if (answer.socket !== socket) answer.assignSocket(socket)
    answer.shouldKeepAlive = false
    answer.once('finish', () => close(socket))
    if (!answer.headersSent) answerWith(answer, error)
  }

  function answerForServer (answer: ServerResponse): void {
    const { headers } = answer.req
    answer.writeHead(204, { allow: ALLOW, ...SECURITY_FIELDS, ...idField(headers) }).end()
    onAnswer?.(answer, idOf(headers))
  }

  function answerWith (answer: ServerResponse, error: HttpError): void {
    const reqId = sendProblem(answer, error)
    onAnswer?.(answer, reqId)
    log.debug({ reqId }, error.message)
  }

  /** Sends what has been written, and notes how much of it its client makes wait. */
  function flush (connection: Connection): void {
    const { socket } = connection
    Socket.prototype.uncork.call(socket)
    if (socket.writableLength <= socket.writableHighWaterMark) return
    unread.hold(connection, socket.writableLength)
    // Node.js restarts this time whenever the client takes something, and replaces it by that of an idle connection when the answer is finished.
    socket.setTimeout(limits.stallTimeout)
  }

  /** Closes our side of a connection, and all of it when the client has closed its own, or after a while (RFC 9112, section 9.6). */
  function close (socket: Socket): void {
    if (socket.writableEnded) return
    socket.end()
    const timer = setTimeout(() => socket.destroy(), limits.linger)
    socket.once('close', () => clearTimeout(timer))
  }

  /** Shuts down: from now on each answer says that it is the last on its connection. Resolves when all connections are closed. */
  async function drain (server: Server): Promise<void> {
    draining = true
    await acceptWaiting()
    // Listens no more. The method of an HTTP server would also cut off clients that are about to send, or have not read all of their answers; on Bun, there is no other.
    const { close: stop } = server instanceof NetServer ? NetServer.prototype : server
    const gone = new Promise((resolve) => stop.call(server, resolve))
    for (const connection of open.values()) {
      if (connection.current?.headersSent === false) connection.current.shouldKeepAlive = false
      void closeUnused(connection)
    }
    await gone
  }

  /** Closes a connection when nothing has been under way on it for a while: its client knows of nothing, and may be about to send. */
  async function closeUnused (connection: Connection): Promise<void> {
    const { socket, last } = connection
    if (last?.destroyed === false) await new Promise((resolve) => last.once('close', resolve))
    await sleep(limits.linger, undefined, { ref: false })
    // On a busy machine the timer is late, and requests have come that are not read yet: they are in one turn, and in a second those that came meanwhile.
    await nextTurn()
    await nextTurn()
    if (connection.last === last) close(socket)
    else await closeUnused(connection)
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

  /** Ends the connections whose exchange has been seen under way for too long. */
  function cutOffSlow (): void {
    const now = performance.now()
    for (const connection of open.values()) {
      const { current: answer, watched, socket } = connection
      if (answer === undefined || answer.destroyed) continue
      if (watched?.answer !== answer) connection.watched = { answer, since: now }
      else if (now - watched.since > limits.exchangeTimeout) socket.destroy()
    }
  }

  function isFull ({ waiting }: Connection): boolean {
    return waiting >= limits.waiting
  }
}

const tooMuchUnread = () => new Refusal('the answers that clients have not read yet are too many for now')

/** Passes on the first call of each minute. */
function atMostOnceAMinute<T extends unknown[]> (act: (...parts: T) => void): (...parts: T) => void {
  let next = -Infinity
  return (...parts) => {
    if (performance.now() < next) return
    next = performance.now() + 60_000
    act(...parts)
  }
}
