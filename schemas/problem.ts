import { Type, type Static } from '@sinclair/typebox'
import { StringEnum } from './string-enum.js'

/** The most broken rules that one problem names. */
export const MOST_VIOLATIONS = 100

/** The most characters of a text in a problem: what a client sent is not sent back whole. */
export const MOST_CHARACTERS = 1000

const Text = (description: string) => Type.String({ maxLength: MOST_CHARACTERS, description })

/** One broken rule of a request: where it is, and what it should have been. */
export const Violation = Type.Object({
  in: StringEnum(['body', 'query', 'path', 'header'], { description: 'The part of the request' }),
  pointer: Type.Optional(Text('Where in the body, as a JSON Pointer (RFC 6901); one that is very long is cut off, and ends in `…`')),
  parameter: Type.Optional(Text('The name of the parameter, outside the body')),
  detail: Text('The rule that is broken')
}, { $id: 'Violation', description: 'A rule that the request breaks' })

/** Problem details (RFC 9457), the one shape of every error. */
export const Problem = Type.Object({
  type: Type.String({ format: 'uri-reference', description: 'The kind of problem; "about:blank" where the status says it all' }),
  title: Type.String({ description: 'The name of the status' }),
  status: Type.Integer({ minimum: 400, maximum: 599, description: 'The status code' }),
  detail: Text('What went wrong this time'),
  instance: Type.String({ format: 'uri-reference', description: 'The id of the request, also in the log' }),
  errors: Type.Optional(Type.Array(Violation, {
    maxItems: MOST_VIOLATIONS,
    description: 'Every rule that the request breaks; where they are more, the first, and `detail` says how many there are'
  }))
}, {
  $id: 'Problem',
  description: 'Problem details (RFC 9457)',
  examples: [{
    type: 'about:blank',
    title: 'Not Found',
    status: 404,
    detail: 'there is nothing at this id',
    instance: 'req-1'
  }]
})

export type Violation = Static<typeof Violation>
export type Problem = Static<typeof Problem>
