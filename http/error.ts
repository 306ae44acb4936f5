import { mapValues } from '../schemas/keywords.js'
import { statusOf, type KindOrStatus } from '../schemas/problem-kinds.js'
import { MOST_CHARACTERS, MOST_VIOLATIONS, type Violation } from '../schemas/problem.js'

/** An answer that is an error. Thrown anywhere in a request, it becomes problem details (RFC 9457). */
export class HttpError extends Error {
  override readonly name = 'HttpError'
  readonly statusCode: number

  /** Its `fields` are those of the answer; its `violations`, the rules that the request breaks. */
  constructor (readonly kind: KindOrStatus, detail: string, readonly fields: Readonly<Record<string, unknown>> = {}, readonly violations: readonly Violation[] = []) {
    super(shorten(detail))
    this.statusCode = statusOf(kind)
  }
}

/** 503 by choice, for a second: the server refuses what would hurt it, or others. That is no fault of it to be logged as one. */
export class Refusal extends HttpError {
  constructor (detail: string) {
    super('unavailable', detail, { 'retry-after': '1' })
  }
}

/** 400, with the rules that a request breaks: all are counted, and as many named as a problem may have. */
export function badRequest (violations: readonly Violation[]): HttpError {
  const count = violations.length
  const parts = [...new Set(violations.map((violation) => violation.in))]
  // Their words are not too long then, whatever names the client has sent.
  const named = violations.slice(0, MOST_VIOLATIONS).map((violation) => ({ ...violation, ...mapValues(violation, shorten) }))
  const rules = count === 1 ? '1 rule' : `${count} rules`
  const rest = count === named.length ? '' : `; the first ${named.length} are named`
  return new HttpError('invalid-request', `the ${inWords(parts)} ${parts.length === 1 ? 'breaks' : 'break'} ${rules}${rest}`, {}, named)
}

/** "a", "a and b", "a, b, and c": as `Intl.ListFormat` does, but that takes a twentieth of a second to load. */
function inWords (list: readonly string[]): string {
  if (list.length < 3) return list.join(' and ')
  return `${list.slice(0, -1).join(', ')}, and ${list.at(-1)}`
}

/** The beginning of a text, without half of a character at its end. */
function shorten (text: string): string {
  return text.length <= MOST_CHARACTERS ? text : `${text.slice(0, MOST_CHARACTERS - 1).toWellFormed()}…`
}

export function noSuchPath (path: string): HttpError {
  return new HttpError('not-found', `there is no such path: ${path}`)
}
