import type { Violation } from '../schemas/problem.js'

/** An answer that is an error. Thrown anywhere in a request, it becomes problem details (RFC 9457). */
export class HttpError extends Error {
  readonly statusCode: number
  /** Fields of the answer. */
  readonly headers: Readonly<Record<string, unknown>>
  /** Every rule that the request breaks. */
  readonly violations: readonly Violation[]

  constructor (statusCode: number, detail: string, { headers = {}, violations = [] }: {
    headers?: Readonly<Record<string, unknown>>
    violations?: readonly Violation[]
  } = {}) {
    super(detail)
    this.name = 'HttpError'
    this.statusCode = statusCode
    this.headers = headers
    this.violations = violations
  }
}

/** 400, with every rule that the request breaks. */
export function badRequest (violations: readonly Violation[]): HttpError {
  const parts = [...new Set(violations.map((violation) => violation.in))]
  const rules = violations.length === 1 ? '1 rule' : `${violations.length} rules`
  return new HttpError(400, `the ${inWords(parts)} ${parts.length === 1 ? 'breaks' : 'break'} ${rules}`, { violations })
}

/** "a", "a and b", "a, b, and c": as `Intl.ListFormat` does, but that takes a twentieth of a second to load. */
function inWords (list: readonly string[]): string {
  if (list.length < 3) return list.join(' and ')
  return `${list.slice(0, -1).join(', ')}, and ${list.at(-1)}`
}

/** 404, where no route is. */
export function noSuchPath (path: string): HttpError {
  return new HttpError(404, `there is no such path: ${path}`)
}
