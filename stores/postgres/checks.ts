import { hash } from 'node:crypto'
import pg from 'pg'
import type { Kind, Property } from '../../schemas/property.js'
import { shorten } from './names.js'

/** A constraint in SQL, with its name, which has a digest of the condition: PostgreSQL writes conditions in other words than those that it was given. */
export interface Check {
  readonly name: string
  readonly definition: string
}

/** The constraint of a column, whose name in SQL is given too; undefined where there is nothing to check. */
export function checkOf (column: string, property: Property): Check | undefined {
  const condition = checksOf(column, property).join(' and ')
  if (condition === '') return undefined
  const name = shorten(`${property.name}_check_${hash('sha256', condition).slice(0, 8)}`)
  return { name, definition: `constraint ${pg.escapeIdentifier(name)} check (${condition})` }
}

/** Tells whether a constraint has a name that `checkOf` may have given it. */
export const isCheckName = (name: string): boolean => /_check_[0-9a-f]{8}$|^[0-9a-f]{32}$/.test(name)

/**
 * The conditions in SQL that the values of a column satisfy by their schema, so that people who write to the table with SQL keep to it too.
 * No condition refuses what the schema allows. What SQL cannot say, or says in another way, is left out: formats, multiples, whether a double
 * is an integer, most of the syntax of patterns, and all that is inside of arrays and objects.
 */
export function checksOf (column: string, { kind, schema }: Pick<Property, 'kind' | 'schema'>): string[] {
  if (kind === 'array' || kind === 'object') return []
  return Object.entries({ ...LIMITS[kind], ...schema }).flatMap(([keyword, value]) => {
    const rest = kind !== 'text' && OF_TEXT.includes(keyword) ? '' : CONDITIONS.get(keyword)?.(value) ?? ''
    return rest === '' ? [] : `${keyword.endsWith('Length') ? `char_length(${column})` : column} ${rest}`
  })
}

const FINITE = { minimum: -Number.MAX_VALUE, maximum: Number.MAX_VALUE }

/** JSON has no word for what PostgreSQL knows beyond these: a double may be infinite or no number, and a time infinite or before our era. */
const LIMITS: Partial<Record<Kind, Readonly<Record<string, unknown>>>> = {
  number: FINITE,
  date: { minimum: '0001-01-01', maximum: '9999-12-31' },
  'date-time': { minimum: '0001-01-01T00:00:00.000Z', maximum: '9999-12-31T23:59:59.999Z' }
}

/** A value in SQL. */
export const literal = (value: unknown): string => typeof value === 'number' ? String(value) : pg.escapeLiteral(String(value))

/** The SQL that follows the column, or its length, for each keyword of JSON Schema. */
const CONDITIONS = new Map<string, (value: unknown) => string>(Object.entries({
  minLength: (least) => `>= ${literal(least)}`,
  maxLength: (most) => `<= ${literal(most)}`,
  minimum: (least) => `>= ${literal(least)}`,
  maximum: (most) => `<= ${literal(most)}`,
  exclusiveMinimum: (bound) => `> ${literal(bound)}`,
  exclusiveMaximum: (bound) => `< ${literal(bound)}`,
  enum: (values) => `in (${[values].flat().map(literal).join(', ')})`,
  pattern: (pattern) => PORTABLE.test(String(pattern)) ? `~ ${literal(translate(String(pattern)))}` : ''
}))

/** Those that text alone can be asked for: the columns of a UUID and of a date have other types. */
const OF_TEXT = ['minLength', 'maxLength', 'pattern']

/** A regular expression, with the flag "u", of what PostgreSQL reads alike, or in the translation. */
const PORTABLE = /^(?:\(\?[:=!]|\((?!\?)|\[\^\\u0000\]|\[\^?[\w -]+\]|\\[sdw.$^*+?()/|]|\{\d{1,2}(?:,\d{0,2})?\}|[\w ^$*+?|),:;@/!=<>#%&~-])*$/

/** No text in PostgreSQL has a U+0000, and its dot is any character. Of white space, it knows less than JavaScript. */
const translate = (pattern: string): string => pattern.replaceAll('[^\\u0000]', '.').replaceAll('\\s', SPACE)

const SPACE = '[ \\t\\n\\v\\f\\r\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000\\ufeff]'
