import { STATUS_CODES, type ServerResponse } from 'node:http'
import { statusOf, typeOf, type KindOrStatus } from '../schemas/problem-kinds.js'
import type { Problem } from '../schemas/problem.js'
import type { HttpError } from './error.js'
import { PROBLEM_JSON } from './media-types.js'
import { idField, idOf, toInstance } from './request-id.js'

/** Problem details (RFC 9457). */
export function toProblem (kind: KindOrStatus, detail: string, instance: string): Problem {
  const status = statusOf(kind)
  return { type: typeOf(kind), title: TITLES[status] ?? STATUS_CODES[status] ?? 'Error', status, detail, instance }
}

/** Where Node.js has not the phrase of RFC 9110, section 15. */
const TITLES: Readonly<Record<number, string>> = { 413: 'Content Too Large', 422: 'Unprocessable Content' }

/** The fields of every problem. */
export const PROBLEM_FIELDS = {
  'content-type': PROBLEM_JSON,
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff'
}

/** Answers with a problem where there is no request that an app could be asked about. Gives the id of what it answers. */
export function sendProblem (response: ServerResponse, { kind, statusCode, message, headers }: HttpError): string {
  const { headers: given } = response.req
  const id = idOf(given)
  const body = JSON.stringify(toProblem(kind, message, toInstance(id)))
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, String(value))
  response.writeHead(statusCode, { ...idField(given), ...PROBLEM_FIELDS, 'content-length': Buffer.byteLength(body) }).end(body)
  return id
}
