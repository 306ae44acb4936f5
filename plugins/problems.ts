import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { badRequest, HttpError } from '../http/error.js'
import { isObject } from '../http/json.js'
import { PROBLEM_JSON } from '../http/media-types.js'
import { toProblem } from '../http/problem.js'
import { violationsOf } from '../http/validation.js'
import type { Violation } from '../schemas/problem.js'
import { StoreUnavailable } from '../stores/store.js'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The media types that the route takes. */
    mediaTypes?: readonly string[]
    /** The rules for a request that its schemas cannot say: lists those that it breaks. */
    rules? (request: FastifyRequest): readonly Violation[]
  }
}

/** Answers every error with problem details (RFC 9457). */
export const problems = fp(async function problems (app: FastifyInstance) {
  app.setErrorHandler(sendProblem)
})

/** Sends an error as problem details; one that is our fault is logged, and its inside kept from the client. */
export function sendProblem (error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const { statusCode, message, headers, violations } = toHttpError(error, request, reply)
  if (statusCode >= 500) loggerOf(request).error({ err: error }, message)
  else loggerOf(request).debug({ err: error }, message)

  const problem = toProblem(statusCode, message, request.id)
  reply.code(statusCode)
    .headers({ ...(statusCode === 415 ? acceptedTypes(request) : {}), ...headers, 'content-type': PROBLEM_JSON, 'cache-control': 'no-store' })
    // As bytes, because Fastify adds to the media type of a text a parameter that this one does not have.
    .send(Buffer.from(JSON.stringify(violations.length === 0 ? problem : { ...problem, errors: violations })))
}

/** A logger that says which request it is about, also where the server makes none for each request. */
function loggerOf ({ id, log, server }: FastifyRequest): FastifyBaseLogger {
  return log === server.log ? log.child({ reqId: id }) : log
}

/** Anything can be thrown: by our code, by a store, by Fastify, by a hook of the host app. */
function toHttpError (error: unknown, request: FastifyRequest, reply: FastifyReply): HttpError {
  const { validationContext, statusCode = reply.statusCode, headers, message } = isObject(error) ? error : {}
  if (validationContext !== undefined) {
    return badRequest([...violationsOf(request), ...(request.routeOptions.config.rules?.(request) ?? [])])
  }
  if (error instanceof HttpError) return error
  if (error instanceof StoreUnavailable) {
    return new HttpError(503, 'the store cannot be reached just now', { headers: { 'retry-after': String(error.retryAfter) } })
  }
  const status = Number(statusCode)
  if (!Number.isInteger(status) || status < 400 || status > 599) return new HttpError(500, OUR_FAULT)
  return new HttpError(status, status < 500 ? DETAILS[status] ?? String(message) : OUR_FAULT, isObject(headers) ? { headers } : {})
}

const OUR_FAULT = 'something went wrong on the server'

/** The field that names the media types which a route takes: RFC 5789, section 3.1, and RFC 9110, section 15.5.16. */
function acceptedTypes ({ method, routeOptions: { config: { mediaTypes = [] } } }: FastifyRequest): Record<string, string> {
  return mediaTypes.length === 0 ? {} : { [method === 'PATCH' ? 'accept-patch' : 'accept']: mediaTypes.join(', ') }
}

/** Where Fastify says less. */
const DETAILS: Readonly<Record<number, string>> = {
  413: 'a body may have 1 MiB at most',
  415: 'the body has no Content-Type, or one that this path does not take'
}
