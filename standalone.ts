import { METHODS, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyRequest } from 'fastify'
import { pino, type DestinationStream, type LoggerOptions } from 'pino'
import api, { type ApiOptions } from './app.js'
import { toProblem } from './http/problem.js'
import { createErrorHandler } from './plugins/problems.js'
import { noSuchPath } from './http/error.js'
import { PROBLEM_JSON } from './http/media-types.js'
import { keepTicks, makeRoomToInline } from './v8.js'

export interface StandaloneOptions extends Omit<ApiOptions, 'log'> {
  /** What to log, and where. Default: nothing. */
  logger?: LoggerOptions & { stream?: DestinationStream }
  /** Whether to log a line for each request and each answer. Default: false, because that costs half of the speed. */
  logRequests?: boolean
}

/** The most bytes of a request's line and fields: room for the cursor of a list that is sorted by long text. */
const MAX_HEADER_SIZE = 32 * 1024

/** How long, in milliseconds, a client may take to send a request: as long as the longest that proxies commonly wait. */
const REQUEST_TIMEOUT = 60_000

/** The API alone on a server of its own, which answers, in the same way, what only the owner of a server can. */
export function createStandalone ({ logger, logRequests = false, ...options }: StandaloneOptions = {}): FastifyInstance {
  keepTicks()
  const log = createLog(logger)
  const sendProblem = createErrorHandler({ log })
  const app: FastifyInstance = fastify({
    // Fastify makes a logger for each request, and watches each answer, where it knows of any logger at all.
    ...(logRequests ? { loggerInstance: log } : {}),
    routerOptions: { maxParamLength: MAX_HEADER_SIZE, compile: true },
    http: { maxHeaderSize: MAX_HEADER_SIZE },
    frameworkErrors: sendProblem,
    clientErrorHandler: refuseConnection,
    // While it shuts down, the server still answers on the connections that it has.
    return503OnClosing: false,
    requestTimeout: REQUEST_TIMEOUT
  })
  app.log = log
  acceptEveryMethod(app)
  // So that the body of a request to an unknown path is not even read.
  app.removeAllContentTypeParsers()
  app.setErrorHandler(sendProblem)
  app.setNotFoundHandler(refusePath)
  closeConnections(app)
  // The one method that Node.js gives no request for: no server but a proxy has what it asks (RFC 9110, section 9.3.6).
  app.server.on('connect', (_request, socket: Socket) => refuse(501, socket))
  app.addHook('onListen', async () => makeRoomToInline())
  app.register(api, { ...options, log })
  return app
}

function createLog ({ stream, ...options }: StandaloneOptions['logger'] = { enabled: false }): FastifyBaseLogger {
  return stream === undefined ? pino(options) : pino(options, stream)
}

/** Routes what Fastify would not, so that a known path answers 405 to it. A CONNECT never comes this far. */
function acceptEveryMethod (app: FastifyInstance): void {
  for (const method of METHODS) {
    if (method !== 'CONNECT' && !app.supportedMethods.includes(method)) app.addHttpMethod(method)
  }
}

/** Makes the server close, when it is to, without waiting for anything but requests in flight. */
function closeConnections (app: FastifyInstance): void {
  const sockets = new Set<Socket>()
  app.server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  app.addHook('preClose', async () => {
    // Node.js closes idle connections only once: let those that are busy now close when their answer is sent.
    app.server.keepAliveTimeout = 1
    // Nor does it count those as idle on which nothing was ever sent.
    for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy()
  })
}

function refusePath (request: FastifyRequest): never {
  throw noSuchPath(request.url)
}

/** Answers what is no HTTP request, before there is any request to speak of. */
function refuseConnection (error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET') socket.destroy()
  else refuse(STATUS_OF.get(error.code) ?? 400, socket)
}

/** Answers with a problem, and closes the connection. */
function refuse (status: number, socket: Socket): void {
  // After an answer has begun on the connection, another would only be taken for a part of it.
  if (socket.bytesWritten > 0) {
    socket.destroy()
    return
  }
  const body = JSON.stringify(toProblem(status, DETAIL, 'about:blank'))
  socket.end([
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    `Content-Type: ${PROBLEM_JSON}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
    '',
    body
  ].join('\r\n'))
  socket.destroySoon()
}

const DETAIL = 'what was sent cannot be read as an HTTP request'

// RFC 9110, sections 15.5.9 and 15.6.2, and RFC 6585, section 5.
const STATUS_OF: ReadonlyMap<unknown, number> = new Map([
  ['ERR_HTTP_REQUEST_TIMEOUT', 408],
  ['HPE_HEADER_OVERFLOW', 431],
  ['HPE_INVALID_METHOD', 501]
])
