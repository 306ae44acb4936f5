import type { FastifyBaseLogger, FastifyReply, FastifyRequest } from 'fastify'
import { HttpError, Refusal } from '../http/error.js'
import { isObject } from '../http/json.js'
import { JSON_TYPE } from '../http/media-types.js'
import { pathOf, toSegments } from '../http/paths.js'
import { answerTo } from '../http/problem.js'
import { givenId, toInstance } from '../http/request-id.js'
import { traceField } from '../http/trace-context.js'
import { Duplicate, StillRunning, StoreUnavailable } from '../stores/store.js'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The media types that the route takes, where not JSON alone. */
    mediaTypes?: readonly string[]
  }
}

/**
 * Answers every error with problem details (RFC 9457); the inside of one that is our fault is kept from the client. Logs it to `log`, or
 * else to the logger of the request.
 */
export function createErrorHandler (log?: FastifyBaseLogger) {
  return (error: unknown, request: FastifyRequest, reply: FastifyReply): void => {
    const answer = toHttpError(error, reply)
    const { statusCode, message } = answer
    const logger = log ?? request.log
    const id = givenId(request.headers) ?? request.id
    // The logger of a request has the id that the host app knows.
    const what = log ? { reqId: id, err: error } : { instance: toInstance(id), err: error }
    if (statusCode >= 500 && !(error instanceof Refusal)) logger.error({ ...what, ...traceField(request.headers) }, message)
    else logger.debug(what, message)

    const { fields, body } = answerTo(request.headers, id, answer)
    reply.code(statusCode).headers({ ...(statusCode === 415 ? acceptedTypes(request) : {}), ...fields }).send(body)
  }
}

/** Anything can be thrown: by our code, by a store, by Fastify, by a hook of the host app. */
function toHttpError (error: unknown, reply: FastifyReply): HttpError {
  if (error instanceof HttpError) return error
  if (error instanceof StoreUnavailable) {
    return new HttpError('unavailable', 'the store cannot be reached just now', { 'retry-after': String(error.retryAfter) })
  }
  if (error instanceof StillRunning) return new HttpError('still-running', error.message, { 'retry-after': '1' })
  if (error instanceof Duplicate) return duplicate(error, reply.request)
  const { statusCode = reply.statusCode, headers, message } = isObject(error) ? error : {}
  const status = Number(statusCode)
  if (!Number.isInteger(status) || status < 400 || status > 599) return new HttpError('internal', OUR_FAULT)
  // Where Fastify says less.
  const detail = status === 415 ? 'the body has no Content-Type, or one that this path does not take' : String(message)
  return new HttpError(status, status < 500 ? detail : OUR_FAULT, isObject(headers) ? headers : {})
}

/** Names the properties that are taken and, where they are the key, the path of the record that has them. */
function duplicate ({ message, properties, id }: Duplicate, { method, url, body }: FastifyRequest): HttpError {
  const location = id === undefined || method !== 'POST' || !isObject(body) ? {} : { location: `${pathOf(url)}/${toSegments(properties, body)}` }
  return new HttpError('duplicate', message, location, properties.map((name) => ({ in: 'body', pointer: `/${name}`, detail: 'is taken' })))
}

const OUR_FAULT = 'something went wrong on the server'

/** The field that names the media types which a route takes: RFC 5789, section 3.1, and RFC 9110, section 15.5.16. */
function acceptedTypes ({ method, routeOptions: { config: { mediaTypes = [JSON_TYPE] } } }: FastifyRequest): Record<string, string> {
  return { [method === 'PATCH' ? 'accept-patch' : 'accept']: mediaTypes.join(', ') }
}
