import { Type, type Static, type StringOptions } from '@sinclair/typebox'
import { describeKinds, PROBLEM_KINDS, PROBLEM_NAMES, typeOf } from './problem-kinds.js'
import { StringEnum } from './string-enum.js'

/** The most broken rules that one problem names. */
export const MOST_VIOLATIONS = 100

/** The most characters of a text in a problem: what a client sent is not sent back whole. */
export const MOST_CHARACTERS = 1000

const Text = (description: string, options: StringOptions = {}) => Type.String({ maxLength: MOST_CHARACTERS, description, ...options })

/** One broken rule of a request: where it is, and what it should have been. */
export const Violation = Type.Object({
  in: StringEnum(['body', 'query', 'path', 'header'], { description: 'The part of the request' }),
  pointer: Type.Optional(Text('Where in the body, as a JSON Pointer (RFC 6901); one that is very long is cut off, and ends in `…`')),
  parameter: Type.Optional(Text('The name of the parameter, outside the body')),
  detail: Text('The rule that is broken')
}, { $id: 'Violation', description: 'A rule that the request breaks' })

/** Problem details (RFC 9457), the one shape of every error. */
export const Problem = Type.Object({
  type: Text('The kind of problem, for programs; "about:blank" where the status says it all', { format: 'uri-reference' }),
  title: Text('The name of the status'),
  status: Type.Integer({ minimum: 400, maximum: 599, description: 'The status code' }),
  detail: Text('What went wrong this time'),
  instance: Text('The id of the request, also in the log', { format: 'uri-reference' }),
  errors: Type.Optional(Type.Array(Violation, {
    maxItems: MOST_VIOLATIONS,
    description: 'Every rule that the request breaks; where they are more, the first, and `detail` says how many there are'
  }))
}, {
  $id: 'Problem',
  description: `Problem details (RFC 9457). Its kinds, and what to do about each (of one that you do not know, the status says enough):\n\n${describeKinds(PROBLEM_NAMES)}`,
  examples: [{
    type: typeOf('not-found'),
    title: 'Not Found',
    status: PROBLEM_KINDS['not-found'].status,
    detail: 'there is nothing at this id',
    instance: 'urn:request:k3x9f2-1a'
  }]
})

export type Violation = Static<typeof Violation>
export type Problem = Static<typeof Problem>
