import { STATUS_CODES, type ServerResponse } from 'node:http'
import type { Problem } from '../schemas/problem.js'
import type { HttpError } from './error.js'
import { PROBLEM_JSON } from './media-types.js'
import { idField, idOf, toInstance } from './request-id.js'

/** Problem details (RFC 9457) whose status says what kind of problem it is. */
export function toProblem (status: number, detail: string, instance: string): Problem {
  return { type: 'about:blank', title: STATUS_CODES[status] ?? 'Error', status, detail, instance }
}

/** The fields of every problem. */
export const PROBLEM_FIELDS = {
  'content-type': PROBLEM_JSON,
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff'
}

/** Answers with a problem where there is no request that an app could be asked about. Gives the id of what it answers. */
export function sendProblem (response: ServerResponse, { statusCode, message, headers }: HttpError): string {
  const { headers: given } = response.req
  const id = idOf(given)
  const body = JSON.stringify(toProblem(statusCode, message, toInstance(id)))
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, String(value))
  response.writeHead(statusCode, { ...idField(given), ...PROBLEM_FIELDS, 'content-length': Buffer.byteLength(body) }).end(body)
  return id
}
