import { Type, type Static } from '@sinclair/typebox'
import { StringEnum } from './string-enum.js'

/** The most tokens of a pointer: bodies nest no deeper. */
const MOST_TOKENS = 64

/** The most characters of a pointer. */
const MOST_IN_POINTER = 10_000

const Pointer = (description: string) => Type.String({
  pattern: `^(/([^~/]|~[01])*){0,${MOST_TOKENS}}$`,
  maxLength: MOST_IN_POINTER,
  description,
  'x-messages': { pattern: `must be a JSON Pointer (RFC 6901) of at most ${MOST_TOKENS} tokens` }
})

/** Requires a member in these operations (RFC 6902, section 4). In the others it means nothing, and is ignored. */
const requires = (operations: string[], member: string, schema: object) => ({
  if: { type: 'object', required: ['op'], properties: { op: { enum: operations } } },
  then: { required: [member], properties: { [member]: schema }, additionalProperties: true }
})

/** One operation. Members that it does not define are ignored, as RFC 6902, section 4, asks. */
const JsonPatchOperation = Type.Object({
  op: StringEnum(['add', 'remove', 'replace', 'move', 'copy', 'test'], { description: 'What to do' }),
  path: Pointer('Where, as a JSON Pointer (RFC 6901)'),
  from: Type.Optional(Type.Unsafe<string>({ description: 'Where the value of a move or copy comes from, as a JSON Pointer (RFC 6901)' })),
  value: Type.Optional(Type.Unknown({ description: 'The value to add, to replace with or to test for' }))
}, {
  $id: 'JsonPatchOperation',
  description: 'One operation of a JSON Patch (RFC 6902, section 4)',
  allOf: [
    requires(['add', 'replace', 'test'], 'value', {}),
    requires(['move', 'copy'], 'from', Pointer('Where the value comes from'))
  ]
})

/** The most operations that one patch may have. */
export const MOST_OPERATIONS = 1000

/** A JSON Patch (RFC 6902): operations applied in order, all or none. */
export const JsonPatch = Type.Array(JsonPatchOperation, {
  maxItems: MOST_OPERATIONS,
  $id: 'JsonPatch',
  description: 'A JSON Patch (RFC 6902): operations applied in order, all or none'
})

export type JsonPatchOperation = Static<typeof JsonPatchOperation>
export type JsonPatch = Static<typeof JsonPatch>
