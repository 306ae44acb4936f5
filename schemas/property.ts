import { Type, TypeGuard, type Static, type TProperties, type TSchema } from '@sinclair/typebox'
import type { Keywords } from './keywords.js'

/** What the values of a property are, as far as stores and lists treat them differently. A list can be sorted and filtered by all but the last two. */
export type Kind = 'integer' | 'number' | 'boolean' | 'text' | 'date' | 'date-time' | 'uuid' | 'array' | 'object'

/** A property of a record, as all that follows from its schema needs it. */
export interface Property {
  readonly name: string
  readonly kind: Kind
  /** The schema of a value that is there: neither absent nor null. */
  readonly schema: Keywords
  readonly isOptional: boolean
  readonly isNullable: boolean
  /** Whether the server alone gives it. */
  readonly isReadOnly: boolean
}

/** The names of the properties by which lists can be sorted and filtered, and of which keys are made: those with one value that can be compared. */
export type ScalarName<P extends TProperties> = {
  [K in keyof P & string]: NonNullable<Static<P[K]>> extends string | number | boolean ? K : never
}[keyof P & string]

/** The property that a TypeBox schema describes. Throws, in one line, where it is of no kind that every store can keep. */
export function describeProperty (name: string, given: TSchema): Property {
  const { schema, isNullable } = withoutNull(given)
  const kind = kindOf(schema)
  const isOptional = TypeGuard.IsOptional(given)
  if (kind === undefined || TypeGuard.IsTransform(given)) {
    throw new Error(`the property ${name} must be a string, an integer, a number, a boolean, a union of literals of one type, an array or an object, each perhaps with null`)
  }
  if (schema.nullable !== undefined) throw new Error(`the property ${name} must not be nullable by that keyword, but be a union with Type.Null()`)
  if (kind in SPELLINGS && [schema.pattern, schema.minLength, schema.maxLength].some((rule) => rule !== undefined)) {
    throw new Error(`the property ${name} has the format ${kind}, which has a spelling of its own: it must have no pattern and no length`)
  }
  if (isOptional && isNullable) throw new Error(`the property ${name} must not be both optional and nullable, because a database column cannot tell null from absent`)
  return { name, kind, schema: kind === 'integer' ? withinSafe(schema) : schema, isOptional, isNullable, isReadOnly: given.readOnly === true }
}

/** The safe integers: a number of JavaScript tells each of them from its neighbours. */
export const SAFE = { minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER }

const withinSafe = ({ minimum = -Infinity, maximum = Infinity, ...schema }: Keywords): Keywords =>
  ({ ...schema, minimum: Math.max(minimum, SAFE.minimum), maximum: Math.min(maximum, SAFE.maximum) })

/** Names that stand for themselves in paths, queries and patterns, and are of no object before it is given any. */
export const isName = (name: string): boolean => /^[a-z]\w*$/i.test(name) && !(name in Object.prototype)

/** Whether lists can be sorted and filtered by a property. */
export const isScalar = ({ kind }: Property): boolean => kind !== 'array' && kind !== 'object'

/** Whether the members of all objects in a value are known: others come back in the order in which they were sent. */
export function isClosed ({ type, items, properties = {}, additionalProperties, patternProperties }: Keywords): boolean {
  if (type === 'array') return items !== undefined && !Array.isArray(items) && isClosed(items)
  if (type === 'object') return additionalProperties === false && patternProperties === undefined && Object.values(properties).every(isClosed)
  return type === 'string' || type === 'integer' || type === 'number' || type === 'boolean'
}

/** Whether a record may have no value of it. */
export const mayLack = ({ isOptional, isNullable }: Property): boolean => isOptional || isNullable

/** The schema that validates and documents a property: a union of literals as a plain `enum`, and null as a type, so that a broken rule is reported once. */
export function plainSchema ({ schema, isNullable }: Property): TSchema {
  if (!isNullable) return Type.Unsafe(schema)
  return Type.Unsafe({ ...schema, type: [schema.type, 'null'], ...schema.enum && { enum: [...schema.enum, null] } })
}

/** Some kinds have several spellings of one value: the one that is kept, and sent. What is no value stays as it is. */
const SPELLINGS: Partial<Record<Kind, (text: string) => string>> = {
  'date-time': (text) => new Date(text).toJSON() ?? text,
  uuid: (text) => text.toLowerCase()
}

/** Writes a value in the one spelling of its kind. */
export function spell ({ kind }: Pick<Property, 'kind'>, value: unknown): unknown {
  return typeof value === 'string' ? SPELLINGS[kind]?.(value) ?? value : value
}

/** The function that spells all values of a record: it gives the record itself, not a copy, where no kind has several spellings. */
export function spellerOf (properties: readonly Property[]) {
  const several = properties.filter(({ kind }) => kind in SPELLINGS)
  if (several.length === 0) return <R>(record: R): R => record
  return <R extends Readonly<Record<string, unknown>>>(record: R): R =>
    ({ ...record, ...Object.fromEntries(several.filter(({ name }) => name in record).map((property) => [property.name, spell(property, record[property.name])])) })
}

function withoutNull (given: Keywords): { schema: Keywords, isNullable: boolean } {
  const { anyOf, type, ...options } = given
  const members = anyOf?.flatMap(alternatives) ?? [type].flat().map((type) => ({ ...options, type }))
  const values = members.filter((member) => member.type !== 'null')
  const [only = {}] = values
  const schema = values.length === 1 ? { ...only, ...options } : unionOf(values, options)
  return { schema: asEnum(schema), isNullable: values.length < members.length }
}

/** What a value may be, by a union and those within it. */
const alternatives = (schema: Keywords): readonly Keywords[] => schema.anyOf?.flatMap(alternatives) ?? [schema]

/** A literal is an `enum` of one. */
const asEnum = ({ const: literal, ...schema }: Keywords): Keywords => literal === undefined ? schema : { ...schema, enum: [literal] }

/** Some literals of one type. */
function unionOf (members: readonly Keywords[], options: Keywords): Keywords {
  const [type, ...others] = new Set(members.map((member) => member.const === undefined ? undefined : member.type))
  return { ...options, ...type !== undefined && others.length === 0 && { type, enum: members.map((member) => member.const) } }
}

function kindOf ({ type, format }: Keywords): Kind | undefined {
  if (type === 'string') return format === 'date' || format === 'date-time' || format === 'uuid' ? format : 'text'
  return type === 'integer' || type === 'number' || type === 'boolean' || type === 'array' || type === 'object' ? type : undefined
}
