import { lengthOf, type Keywords } from '../../schemas/keywords.js'
import { isClosed, type Kind, type Property } from '../../schemas/property.js'

/** The types of columns, by the kinds of properties, as PostgreSQL writes them. The collation "C" orders text by code point. */
const TYPES: Readonly<Record<Kind, (schema: Keywords) => string>> = {
  text: () => 'text COLLATE "C"',
  boolean: () => 'boolean',
  date: () => 'date',
  'date-time': () => 'timestamp(3) with time zone',
  uuid: () => 'uuid',
  number: () => 'double precision',
  integer: (schema) => isWithin(schema, 'integer') ? 'integer' : 'bigint',
  array: (schema) => schema.items?.type === 'string' ? 'text[]' : jsonFor(schema),
  object: jsonFor
}

/** The type of the column of a property. */
export const typeOf = ({ kind, schema }: Pick<Property, 'kind' | 'schema'>): string => TYPES[kind](schema)

/** The type of values to compare with those of a column: an integer may be compared with one that the column cannot have. */
export const castOf = (type: string): string => type === 'integer' ? 'bigint' : type.replace(/ COLLATE .*/, '')

/** Numbers from -n to n - 1, of which each type of integers has all that a record may have. */
const RANGES: Readonly<Record<string, number>> = { smallint: 2 ** 15, integer: 2 ** 31, bigint: 2 ** 53 }

function isWithin ({ minimum = -Infinity, maximum = Infinity, enum: values = [minimum, maximum] }: Keywords, type: string): boolean {
  const range = RANGES[type] ?? 0
  return values.every((value) => Number(value) >= -range && Number(value) < range)
}

/** Only where the schema gives the order of all members is it of no matter which one jsonb keeps. */
function jsonFor (schema: Keywords): string {
  return isClosed(schema) ? 'jsonb' : 'json'
}

/** Tells whether a column of another type, which people have made, holds all values of a property, and gives them back as they were. */
export function holdsAll (type: string, found: string, { kind, schema }: Pick<Property, 'kind' | 'schema'>, isCounter: boolean): boolean {
  // Such a collation takes different texts for the same.
  if (found.endsWith('(nondeterministic)')) return false
  const [, base = '', length = Infinity] = /^(\w+(?: varying)?)(?:\((\d+)\))?(?: COLLATE .*)?$/.exec(found) ?? []
  if (kind === 'text') return base === 'text' || (base === 'character varying' && lengthOf(schema) <= Number(length))
  if (kind === 'integer') return isCounter ? found in RANGES : isWithin(schema, found)
  if (kind === 'date-time') return /^timestamp(\([4-6]\))? with time zone$/.test(found)
  return found === type || (type === 'jsonb' && found === 'json') || (type === 'text[]' && /^(text|character varying)\[\]/.test(found))
}

/** The function that makes the SQL by which a column is sorted, and values to compare with it, where its type is not the one it would have here. */
export function keptIn (type: string, found: string): (operand: string) => string {
  if (found === type) return (operand) => operand
  if (type.startsWith('text')) return (operand) => `(${operand} collate "C")`
  // The records have milliseconds.
  return type.startsWith('timestamp') ? (operand) => `date_trunc('milliseconds', ${operand})` : (operand) => operand
}
