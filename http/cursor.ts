import { hash } from 'node:crypto'
import { keywordsOf, type Keywords, type ObjectSchema } from '../schemas/keywords.js'
import type { Item } from '../schemas/resource.js'
import type { SortKey, Value } from '../stores/store.js'
import { valueOf } from '../stores/order.js'

/** The characters of a cursor before its content: 72 bits of a digest of the content and the order it is for. */
const SEAL_LENGTH = 12

/**
 * Makes the cursor of a page, given the schema of a record: the values of the sort keys in its last record. The next page begins after
 * them, whether or not that record is still there.
 */
export function encodeCursor (last: Item, order: readonly SortKey[], record: ObjectSchema): string {
  const values = keysOf(order).map(({ property, descending }) => bound(valueOf(last, property), descending, keywordsOf(record, property)))
  // No text here has a U+0000, so it can stand between them; JSON would write some characters sixfold.
  const content = values.map((value) => `${typeof value === 'number' ? 'n' : 't'}${value}`).join('\0')
  return seal(content, order) + Buffer.from(content).toString('base64url')
}

/** Reads what `encodeCursor` wrote for the same order; undefined for anything else. */
export function decodeCursor (cursor: string, order: readonly SortKey[], record: ObjectSchema): Item | undefined {
  const content = Buffer.from(cursor.slice(SEAL_LENGTH), 'base64url').toString()
  if (cursor !== seal(content, order) + Buffer.from(content).toString('base64url')) return undefined
  // Anybody can compute a seal, so the content is checked as any input is.
  const texts = content.split('\0')
  const keys = keysOf(order)
  const values = keys.map(({ property }, i) => readValue(texts[i] ?? '', keywordsOf(record, property)))
  if (texts.length !== keys.length || values.includes(undefined)) return undefined
  const last = Object.fromEntries(keys.map(({ property }, i) => [property, values[i]]))
  return { ...last, id: Number(last.id) }
}

/** The order's keys, and the id that breaks its ties. */
const keysOf = (order: readonly SortKey[]): SortKey[] => [...order, { property: 'id', descending: false }]

/**
 * Returns a value that fits into a cursor. Most do; a text that is too long, or an integer that no number tells from its neighbours, does
 * not: SQL can write those, though the schema does not allow them. Another value stands in its place. It comes after the first in the
 * direction of the list, so that no page comes twice, and before all that the schema allows and that follows, so that none of that is missed.
 */
function bound (value: Value, descending: boolean, { minimum = -Infinity, maximum = Infinity, maxLength = Infinity }: Keywords): Value {
  if (typeof value === 'string') return value.length > maxLength ? cut(value, maxLength, descending) : value
  if (Number.isSafeInteger(value) || (value >= minimum && value <= maximum)) return value
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

/** The value that a text in a cursor stands for; undefined where its property has no such values. */
function readValue (text: string, { type }: Keywords): Value | undefined {
  const value = text.slice(1)
  if (type !== 'integer' && type !== 'number') return text === `t${value}` && (type !== 'boolean' || /^(true|false)$/.test(value)) ? value : undefined
  const number = Number(value)
  return text === `n${number}` && Number.isFinite(number) && (type === 'number' || Number.isInteger(number)) ? number : undefined
}

function seal (content: string, order: readonly SortKey[]): string {
  return hash('sha256', `${JSON.stringify(order)}\n${content}`, 'base64url').slice(0, SEAL_LENGTH)
}
