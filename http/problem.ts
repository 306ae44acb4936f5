import { STATUS_CODES, type OutgoingHttpHeaders, type ServerResponse } from 'node:http'
import type { Problem } from '../schemas/problem.js'
import { PROBLEM_JSON } from './media-types.js'

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

/** Answers with a problem where there is no request that an app could be asked about. */
export function sendProblem (response: ServerResponse, status: number, detail: string, fields: OutgoingHttpHeaders = {}): void {
  const body = JSON.stringify(toProblem(status, detail, 'about:blank'))
  response.writeHead(status, { ...fields, ...PROBLEM_FIELDS, 'content-length': Buffer.byteLength(body) }).end(body)
}
