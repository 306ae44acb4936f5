import { hash } from 'node:crypto'
import type { Keywords } from '../schemas/keywords.js'
import { mayLack, spell, type Kind, type Property } from '../schemas/property.js'
import type { Fields, Item } from '../schemas/resource.js'
import { valueOf } from '../stores/order.js'
import type { SortKey, Value } from '../stores/store.js'
import { isDate, isTime } from './validation.js'

/** The characters of a cursor before its content: 72 bits of a digest of the content and the order it is for. */
const SEAL_LENGTH = 12

/**
 * Makes the cursor of a page, given the properties of a record: the values of the sort keys in its last record. The next page begins after
 * them, whether or not that record is still there.
 */
export function encodeCursor (last: Item, order: readonly SortKey[], properties: readonly Property[]): string {
  const values = order.map(({ property, descending }) => bound(valueOf(last, property), descending, propertyOf(property, properties)?.schema))
  // No text here has a U+0000, so it can stand between them; JSON would write some characters sixfold.
  const content = values.map(write).join('\0')
  return seal(content, order) + Buffer.from(content).toString('base64url')
}

/** Reads what `encodeCursor` wrote for the same order; undefined for anything else. */
export function decodeCursor (cursor: string, order: readonly SortKey[], properties: readonly Property[]): Fields | undefined {
  const content = Buffer.from(cursor.slice(SEAL_LENGTH), 'base64url').toString()
  if (cursor !== seal(content, order) + Buffer.from(content).toString('base64url')) return undefined
  // Anybody can compute a seal, so the content is checked as any input is.
  const texts = content.split('\0')
  const values = order.map(({ property }, i) => readValue(texts[i] ?? '', propertyOf(property, properties)))
  if (texts.length !== order.length || values.includes(undefined)) return undefined
  return Object.fromEntries(order.map(({ property }, i) => [property, values[i]]))
}

const propertyOf = (name: string, properties: readonly Property[]) => properties.find((property) => property.name === name)

/** A value in a cursor: a letter for its type, and the value as text. */
const write = (value: Value): string => value === null ? 'z' : `${LETTERS[typeof value]}${value}`

const LETTERS: Readonly<Record<string, string>> = { number: 'n', string: 't', boolean: 'b' }

/** The value that a text in a cursor stands for; undefined where its property has no such values. */
function readValue (text: string, property: Property | undefined): Value | undefined {
  if (property === undefined) return undefined
  if (text === 'z') return mayLack(property) ? null : undefined
  const content = text.slice(1)
  const value = property.schema.type === 'string' ? content : property.kind === 'boolean' ? content === 'true' : Number(content)
  return write(value) === text && IS_OF_KIND[property.kind]?.(value) !== false ? value : undefined
}

/** The rules by which a store can compare a value of some kinds. */
const IS_OF_KIND: Partial<Record<Kind, (value: Value) => boolean>> = {
  integer: Number.isInteger,
  number: Number.isFinite,
  date: (value) => isDate(String(value)),
  'date-time': (value) => isTime(String(value)) && spell({ kind: 'date-time' }, value) === value,
  uuid: (value) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(String(value))
}

/**
 * Returns a value that fits into a cursor. Most do; a text that is too long, or an integer that no number tells from its neighbours, does
 * not: SQL can write those, though the schema does not allow them. Another value stands in its place. It comes after the first in the
 * direction of the list, so that no page comes twice, and before all that the schema allows and that follows, so that none of that is missed.
 */
function bound (value: Value, descending: boolean, { minimum = -Infinity, maximum = Infinity, maxLength = Infinity }: Keywords = {}): Value {
  if (typeof value === 'string') return value.length > maxLength ? cut(value, maxLength, descending) : value
  if (typeof value !== 'number' || Number.isSafeInteger(value) || (value >= minimum && value <= maximum)) return value
  return Math.sign(value) * ((value > 0) === descending ? 2 ** 53 : 2 ** 63)
}

function cut (text: string, maxLength: number, descending: boolean): string {
  const characters = Array.from(text)
  if (characters.length <= maxLength) return text
  const kept = characters.slice(0, maxLength).join('')
  if (descending) return kept + FIRST
  const run = characters.slice(maxLength).join('').replace(/[^\u{10FFFF}].*$/su, '')
  return kept + run + LAST
}

/** The characters that come before and after all others. */
const FIRST = '\u0001'
const LAST = '\u{10FFFF}'

function seal (content: string, order: readonly SortKey[]): string {
  return hash('sha256', `${JSON.stringify(order)}\n${content}`, 'base64url').slice(0, SEAL_LENGTH)
}
