import { METHODS } from 'node:http'
import fastify, { type FastifyBaseLogger, type FastifyInstance } from 'fastify'
import { pino, type DestinationStream, type LoggerOptions } from 'pino'
import languages, { type Api, type ApiOptions } from '../app.js'
import { refuseClashes, takesWithout } from './base-path.js'
import { createConnections } from './connections.js'
import { createAccessLog, type WhichAnswers } from './access-log.js'
import type { ConnectionLimits } from './limits.js'
import type { MetricsOptions } from './metrics.js'
import { readProxies } from './proxies.js'
import { createErrorHandler } from '../plugins/problems.js'
import { noSuchPath } from '../http/error.js'
import { faultOfUnreadable } from '../http/faults.js'
import { idOf } from '../http/request-id.js'
import { createGuard, type Tokens } from './tokens.js'
import { MOST_IN_FIELDS } from '../schemas/text.js'
import { keepTicks, makeRoomToInline } from './v8.js'

export interface StandaloneOptions extends Omit<ApiOptions, 'log'> {
  /** The API. Default: that of the programming languages. */
  api?: Api
  /** The level of the log, and where it goes. Default: nothing is logged. */
  logger?: LoggerOptions & { stream?: DestinationStream }
  /** Which answers have a line in the log. Default: none. */
  accessLog?: WhichAnswers
  /** For how many milliseconds work may wait for the event loop, before requests are refused. Default: 0, for ever. */
  maxDelay?: number
  /** Serves figures for Prometheus at `/metrics`, of several processes where it says how. Default: false. */
  metrics?: Omit<MetricsOptions, 'url'> | false
  /** The tokens of which a write needs one, and whether a read does. Default: nobody needs any. */
  tokens?: Tokens | undefined
  protectReads?: boolean
  /** Below which path clients find the API, whether or not the requests that come still have it. Default: below none. */
  basePath?: string | undefined
  /** The addresses and networks of the proxies that say from where and by which scheme a request came. Default: none is believed. */
  trustProxy?: string | undefined
  /** The origins whose pages may use the API from a browser, with commas between them, or `*` for all. Default: none but its own. */
  corsOrigin?: string | undefined
  /** How many requests a client, told by its address, may send in a minute. Default: any number. */
  rateLimit?: number | undefined
  /** The limits of what clients may use by their connections. Default: `LIMITS`, for those that are not given. */
  limits?: Partial<ConnectionLimits>
}

/** For how many milliseconds a connection is kept for the next request: for longer than proxies commonly keep theirs. */
const IDLE_TIMEOUT = 72_000

/** An API alone on a server of its own, which also answers, with problems, what no plugin sees: what is no request, unknown methods, and other paths. */
export function createStandalone (given: StandaloneOptions = {}): FastifyInstance {
  const { logger, accessLog: which = 'none', maxDelay = 0, metrics = false, basePath = '', trustProxy, corsOrigin, rateLimit, tokens, protectReads: reads = false, limits, api = languages, ...options } = given
  keepTicks()
  const log = createLog(logger)
  const sendProblem = createErrorHandler(log)
  const accessLog = which === 'none' ? undefined : createAccessLog(which, log)
  const trusts = trustProxy === undefined ? undefined : readProxies(trustProxy)
  const connections = createConnections({ trusts, limits, log, onAnswer: accessLog?.noteAnswer })
  const app: FastifyInstance = fastify({
    routerOptions: { maxParamLength: MOST_IN_FIELDS, compile: true },
    serverFactory: (handle) => connections.createServer(handle, { maxHeaderSize: MOST_IN_FIELDS, keepAliveTimeout: IDLE_TIMEOUT }),
    frameworkErrors: (error, request, reply) => {
      // There is no route here, and so no hook.
      accessLog?.noteAnswer(reply.raw, request.id)
      sendProblem(error, request, reply)
    },
    clientErrorHandler: (error, socket) => connections.refuse(faultOfUnreadable(error), socket),
    ...takesWithout(basePath),
    trustProxy: trusts ?? false,
    genReqId: ({ headers }) => idOf(headers),
    // While it shuts down, the server still answers on the connections that it has.
    return503OnClosing: false
  })
  // Not for Fastify to know of: with any logger, it makes one for each request, and watches each answer.
  app.log = log
  if (accessLog !== undefined) {
    app.addHook('onResponse', (request, reply, done) => {
      accessLog.logReply(request, reply)
      done()
    })
  }
  acceptEveryMethod(app)
  // So that the body of a request to an unknown path is not even read.
  app.removeAllContentTypeParsers()
  app.setErrorHandler(sendProblem)
  app.setNotFoundHandler(({ url }) => { throw noSuchPath(url) })
  app.addHook('preClose', () => connections.drain(app.server))
  app.addHook('onListen', async () => makeRoomToInline())
  // Loaded only where they are wanted.
  if (metrics !== false) app.register(import('./metrics.js'), { ...metrics, url: `${basePath}/metrics` })
  if (maxDelay > 0) app.register(import('./load-shedding.js'), { maxDelay })
  if (corsOrigin !== undefined) app.register(import('./cors.js'), { origins: corsOrigin })
  if (rateLimit !== undefined) app.register(import('./rate-limit.js'), { most: rateLimit, free: new Set(api.health === false ? [] : [api.health, `${api.health}/live`].map((path) => `${basePath}${path}`)) })
  refuseClashes(app, basePath)
  app.register(async (scope) => {
    const guard = tokens && await createGuard(scope, tokens, { title: api.title, reads })
    await scope.register(api, { prefix: basePath, ...options, log, ...guard && { guard } })
  })
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
