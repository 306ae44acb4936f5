import { STATUS_CODES } from 'node:http'
import type { Problem } from '../schemas/problem.js'

/** Problem details (RFC 9457) whose status says what kind of problem it is. */
export function toProblem (status: number, detail: string, instance: string): Problem {
  return { type: 'about:blank', title: STATUS_CODES[status] ?? 'Error', status, detail, instance }
}
