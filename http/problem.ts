import { STATUS_CODES, type OutgoingHttpHeaders, type ServerResponse } from 'node:http'
import { statusOf, typeOf, type KindOrStatus } from '../schemas/problem-kinds.js'
import type { Problem } from '../schemas/problem.js'
import { PROBLEM_JSON } from './media-types.js'

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

/** Answers with a problem where there is no request that an app could be asked about. */
export function sendProblem (response: ServerResponse, status: number, detail: string, fields: OutgoingHttpHeaders = {}): void {
  const body = JSON.stringify(toProblem(status, detail, 'about:blank'))
  response.writeHead(status, { ...fields, ...PROBLEM_FIELDS, 'content-length': Buffer.byteLength(body) }).end(body)
}
