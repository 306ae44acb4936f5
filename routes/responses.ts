import { Type, type TSchema } from '@sinclair/typebox'
import { Problem } from '../schemas/problem.js'
import { JSON_TYPE, PROBLEM_JSON } from '../http/media-types.js'
import { toProblem } from '../http/problem.js'

type HeaderSchemas = Readonly<Record<string, TSchema>>

export const ETag = Type.String({ description: 'The strong entity-tag of the representation (RFC 9110, section 8.8.3)' })
export const Link = Type.String({ description: 'The next page, if there is one, as `<…>; rel="next"` (RFC 8288)' })
export const Location = Type.String({ format: 'uri-reference', description: 'The path of what was created' })

/** An answer with a JSON body. */
export function answer (description: string, schema: TSchema, headers: HeaderSchemas, example: unknown) {
  return { description, headers, content: { [JSON_TYPE]: { schema, example } } }
}

/** An answer without a body. */
export function empty (description: string, headers: HeaderSchemas = {}) {
  return { type: 'null', description, headers }
}

/** The answers with these statuses, each a problem. */
export function failures (...statuses: (keyof typeof FAILURES)[]) {
  return Object.fromEntries(statuses.map((status) => [status, {
    content: { [PROBLEM_JSON]: { schema: Problem, example: exampleOf(status) } },
    ...FAILURES[status]
  }]))
}

function exampleOf (status: keyof typeof FAILURES): Problem {
  const problem = toProblem(status, FAILURES[status].description, 'req-1')
  if (status !== 400) return problem
  return { ...problem, errors: [{ in: 'query', parameter: 'unheard_of', detail: 'is unknown' }] }
}

const FAILURES = {
  400: { description: 'the request breaks a rule; `errors` has each of them' },
  404: { description: 'there is nothing with this id' },
  409: {
    description: 'the JSON Patch does not apply to what is there, or a request with the same `Idempotency-Key` is still running',
    headers: { 'Retry-After': Type.Integer({ minimum: 0, description: 'If that is so, after how many seconds to try again' }) }
  },
  412: { description: 'a precondition failed; nothing has changed' },
  413: { description: 'the body is larger than 1 MiB' },
  415: {
    description: 'the body has no media type, or one that is not taken here',
    headers: { Accept: Type.String({ description: 'The media types that are (RFC 9110, section 15.5.16)' }) }
  },
  422: { description: 'the `Idempotency-Key` was used for another request' },
  500: { description: 'the server is at fault' },
  503: {
    description: 'the store cannot be reached just now',
    headers: { 'Retry-After': Type.Integer({ minimum: 0, description: 'After how many seconds to try again' }) }
  }
}

/** 415 for a PATCH, which names what it takes in a field of its own (RFC 5789, section 3.1). */
export const unsupportedPatch = {
  ...failures(415)[415],
  headers: { 'Accept-Patch': Type.String({ description: 'The media types that are (RFC 5789, section 3.1)' }) }
}
