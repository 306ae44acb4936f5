import { Type, type TSchema } from '@sinclair/typebox'
import { MOST_CHARACTERS, Problem } from '../schemas/problem.js'
import { describeKinds, PROBLEM_KINDS, statusOf, type ProblemName } from '../schemas/problem-kinds.js'
import { MOST_IN_FIELDS } from '../schemas/text.js'
import { JSON_PATCH, JSON_TYPE, MERGE_PATCH, PROBLEM_JSON } from '../http/media-types.js'
import { toProblem } from '../http/problem.js'
import { SECURITY_FIELDS } from '../http/security-fields.js'

/** The schema of a field. */
export const Field = (description: string, example: string, maxLength = MOST_CHARACTERS) => Type.String({ maxLength, description, examples: [example] })

/** The fields that answers may have. */
const FIELDS = {
  Accept: Field('The media types that a body may have here (RFC 9110, section 15.5.16)', JSON_TYPE),
  'Accept-Encoding': Field('The content codings that a body may have here', 'identity'),
  'Accept-Patch': Field('The media types that a body may have here (RFC 5789, section 3.1)', [MERGE_PATCH, JSON_PATCH, JSON_TYPE].join(', ')),
  Allow: Field('With 405: the methods that the path takes', 'GET, HEAD, OPTIONS'),
  'Cache-Control': Field('`no-cache` where a cache must ask each time, `no-store` where it must keep nothing', 'no-cache'),
  'Content-Encoding': Field('The content coding of the body, if it has one (RFC 9110, section 8.4)', 'br'),
  'Content-Location': Field('The path of what the ETag, and the body if there is one, is the present representation of', '/path/0'),
  'Content-Security-Policy': Field('Nothing in the answer may run, or be shown in a frame', SECURITY_FIELDS['content-security-policy']),
  ETag: Field('The strong entity-tag of the representation (RFC 9110, section 8.8.3)', '"eTdJWpfJvGSEjw5YJHrvAk"'),
  'Idempotency-Replayed': Field('`true` where an earlier request with the same `Idempotency-Key` has done this', 'true'),
  Link: Field('The next page, if there is one (RFC 8288)', '</path?cursor=x>; rel="next"', MOST_IN_FIELDS),
  Location: Field('The path of what was created, or, with 409, of what is there already', '/path/8'),
  'Preference-Applied': Field('What was heeded of `Prefer` (RFC 7240)', 'return=minimal'),
  'Retry-After': Type.Integer({ minimum: 0, maximum: 3600, description: 'After how many seconds to try again', examples: [1] }),
  Vary: Field('The fields of the request on which the answer depends, if there are any (RFC 9110, section 12.5.5)', 'Accept-Encoding'),
  'WWW-Authenticate': Field('How to say who one is (RFC 9110, section 11.6.1)', 'Bearer realm="Programming Languages API"'),
  'X-Content-Type-Options': Field('The body is of the type that the answer says', SECURITY_FIELDS['x-content-type-options']),
  'X-Frame-Options': Field('The answer may be shown in no frame', SECURITY_FIELDS['x-frame-options']),
  'X-Request-Id': Field('The id that the request brought, if it did', 'k3x9f2-1a')
}

export type FieldName = keyof typeof FIELDS

/** The fields of every answer, of every body, and of every representation. */
const OF_ANSWER = ['Content-Security-Policy', 'X-Content-Type-Options', 'X-Frame-Options', 'X-Request-Id'] as const
const OF_BODY = ['Cache-Control'] as const
const OF_REPRESENTATION = ['ETag', ...OF_BODY] as const

function describeFields (names: readonly FieldName[]): Record<string, TSchema> {
  return Object.fromEntries([...names, ...OF_ANSWER].map((name) => [name, FIELDS[name]]))
}

/** An answer with a JSON body that is no representation of anything kept. */
export function answer (description: string, schema: TSchema, example: unknown, names: readonly FieldName[] = OF_BODY) {
  return { description, headers: describeFields(names), content: { [JSON_TYPE]: { schema, example } } }
}

/** An answer with a representation, and more fields than all of these have. */
export function representation (description: string, schema: TSchema, example: unknown, ...more: FieldName[]) {
  return answer(description, schema, example, [...OF_REPRESENTATION, ...more])
}

/** An answer without a body. */
export function empty (description: string, names: readonly FieldName[] = []) {
  return { type: 'null', description, headers: describeFields(names) }
}

/** An answer with the fields of a representation, and others, but without its body. */
export function withoutBody (description: string, ...more: FieldName[]) {
  return empty(description, [...OF_REPRESENTATION, ...more])
}

/** The answers with problems of these kinds, by their statuses, and of those that every operation, or any request at all, can meet. */
export function failures (...more: ProblemName[]) {
  const names = [...OF_EVERY_OPERATION, ...more]
  return {
    ...Object.fromEntries(names.map(statusOf).map((status) => [status, problems(names.filter((name) => statusOf(name) === status))])),
    default: {
      ...problems(OF_ANY_REQUEST),
      description: `What any request can meet:\n\n${describeKinds(OF_ANY_REQUEST)}\n- \`about:blank\`: ` +
        'What the status says: 408 for a request that did not come to its end in time, 417 for an `Expect` that the server does not know, 505 for another version of HTTP.'
    }
  }
}

const OF_EVERY_OPERATION: ProblemName[] = ['invalid-request', 'internal', 'unavailable']
const OF_ANY_REQUEST: ProblemName[] = ['method-not-allowed', 'target-too-long', 'too-many-requests', 'fields-too-large', 'not-implemented']

/** The fields of some kinds, beside those of every problem. */
const OF_KIND: Partial<Record<ProblemName, FieldName[]>> = {
  'method-not-allowed': ['Allow'],
  duplicate: ['Location'],
  'still-running': ['Retry-After'],
  unauthorized: ['WWW-Authenticate'],
  'too-many-requests': ['Retry-After'],
  'unsupported-media-type': ['Accept', 'Accept-Encoding'],
  unavailable: ['Retry-After']
}

function problems (names: readonly ProblemName[], fields: readonly FieldName[] = names.flatMap((name) => OF_KIND[name] ?? [])) {
  const examples = Object.fromEntries(names.map((name) => [name, { value: exampleOf(name) }]))
  return { description: describeKinds(names), headers: describeFields([...OF_BODY, ...fields]), content: { [PROBLEM_JSON]: { schema: Problem, examples } } }
}

function exampleOf (name: ProblemName): Problem {
  const problem = toProblem(name, PROBLEM_KINDS[name].when.replaceAll('`', ''), 'urn:request:k3x9f2-1a')
  return name === 'invalid-request' ? { ...problem, errors: [{ in: 'query', parameter: 'unheard_of', detail: 'is unknown' }] } : problem
}

/** 401 for an operation that not everybody may call. */
export const unauthorized = problems(['unauthorized'])

/** 415 for a PATCH, which names what it takes in a field of its own (RFC 5789, section 3.1). */
export const unsupportedPatch = problems(['unsupported-media-type'], ['Accept-Patch', 'Accept-Encoding'])
