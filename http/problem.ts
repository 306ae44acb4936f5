import { STATUS_CODES, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import { statusOf, typeOf, type KindOrStatus } from '../schemas/problem-kinds.js'
import type { Problem } from '../schemas/problem.js'
import type { HttpError } from './error.js'
import { PROBLEM_JSON } from './media-types.js'
import { idField, idOf, toInstance } from './request-id.js'
import { NOT_STORED } from './security-fields.js'

/** Problem details (RFC 9457). */
export function toProblem (kind: KindOrStatus, detail: string, instance: string): Problem {
  const status = statusOf(kind)
  return { type: typeOf(kind), title: TITLES[status] ?? STATUS_CODES[status] ?? 'Error', status, detail, instance }
}

/** Where Node.js has not the phrase of RFC 9110, section 15. */
const TITLES: Readonly<Record<number, string>> = { 413: 'Content Too Large', 422: 'Unprocessable Content' }

/** The fields and the body of the answer to a request that has these fields and this id. */
export function answerTo (headers: IncomingHttpHeaders, id: string, { kind, message, fields, violations }: HttpError) {
  const problem = toProblem(kind, message, toInstance(id))
  return {
    fields: { ...fields, ...idField(headers), 'content-type': PROBLEM_JSON, ...NOT_STORED },
    // As bytes, because Fastify adds to the media type of a text a parameter that this one does not have.
    body: Buffer.from(JSON.stringify(violations.length === 0 ? problem : { ...problem, errors: violations }))
  }
}

/** Answers with a problem where there is no request that an app could be asked about. Returns the id of what it answers. */
export function sendProblem (response: ServerResponse, error: HttpError): string {
  const { headers } = response.req
  const id = idOf(headers)
  const { fields, body } = answerTo(headers, id, error)
  for (const [name, value] of Object.entries(fields)) response.setHeader(name, String(value))
  response.writeHead(error.statusCode, { 'content-length': body.length }).end(body)
  return id
}
