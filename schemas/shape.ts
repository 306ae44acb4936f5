import { Type } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import { MOST_ON_PAGE } from './parameters.js'

// TypeScript says most of this already; it is for those who write JavaScript.

const Name = Type.String({ pattern: '^[a-z][a-z0-9_]*$' })
const Names = Type.Array(Type.String(), { minItems: 1, uniqueItems: true })
const Operation = Type.Optional(Type.Union([Type.Literal(false), Type.Object({})]))
const Limit = Type.Optional(Type.Integer({ minimum: 1, maximum: MOST_ON_PAGE }))
const closed = { additionalProperties: false }

const Shape = Type.Object({
  name: Name,
  plural: Name,
  description: Type.String(),
  properties: Type.Record(Type.String(), Type.Object({})),
  id: Type.Optional(Type.Union([Type.Literal('counter'), Type.Literal('uuid'), Names])),
  filters: Type.Optional(Type.Record(Type.String(), Type.Union([Type.Array(Type.String()), Type.Object({ property: Type.String(), operator: Type.String() })]))),
  sortable: Type.Optional(Type.Array(Type.String())),
  unique: Type.Optional(Type.Array(Names)),
  records: Type.Optional(Type.Array(Type.Object({}))),
  page: Type.Optional(Type.Object({ default: Limit, most: Limit }, closed)),
  operations: Type.Optional(Type.Object({ list: Operation, create: Operation, view: Operation, replace: Operation, update: Operation, remove: Operation }, closed)),
  onWrite: Type.Optional(Type.Unknown())
}, closed)

/** What about a definition has not the shape that it must have, in words; undefined where all has. */
export function misshapen (definition: unknown): string | undefined {
  const error = Value.Errors(Shape, definition).First()
  if (error === undefined) return undefined
  const where = error.path.slice(1)
  const member = where.replace(/\/.*/, '')
  return `its ${where} is not what it should be: ${WORDS.get(member) ?? error.message.toLowerCase()}`
}

/** Where the words of the validator do not say what is expected. */
const WORDS: ReadonlyMap<string, string> = new Map(Object.entries({
  name: 'a name in snake case',
  plural: 'a name in snake case',
  id: '\'counter\', \'uuid\', or a list of properties',
  filters: 'for each property a list of operators, or for another name a property and an operator',
  unique: 'a list of lists of properties'
}))
