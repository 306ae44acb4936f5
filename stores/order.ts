import type { Fields } from '../schemas/resource.js'
import type { SortKey, Value } from './store.js'

/** Compares values of one property: numbers by size, `false` before `true`, text by Unicode code point, and null after all others. */
export function compareValues (a: Value, b: Value): number {
  if (a === b) return 0
  if (a === null || b === null) return a === null ? 1 : -1
  return (typeof a === 'string' && typeof b === 'string' ? isTextBefore(a, b) : a < b) ? -1 : 1
}

function isTextBefore (a: string, b: string): boolean {
  return HIGH_UNIT.test(a) && HIGH_UNIT.test(b) ? rankText(a) < rankText(b) : a < b
}

/** The value of a record's property, as something that can be compared: null where there is none. */
export function valueOf (record: Fields, property: string): Value {
  const value = record[property]
  return typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean' ? value : null
}

/** An order with all properties of the key, which break its ties. */
export function completeOrder (order: readonly SortKey[], key: readonly string[]): SortKey[] {
  const missing = key.filter((property) => !order.some((sortKey) => sortKey.property === property))
  return [...order, ...missing.map((property) => ({ property, descending: false }))]
}

/** Compares records by one sort key after the other. */
export function compareBy (order: readonly SortKey[]): (a: Fields, b: Fields) => number {
  return (a, b) => {
    for (const { property, descending } of order) {
      const sign = compareValues(valueOf(a, property), valueOf(b, property))
      if (sign !== 0) return descending ? -sign : sign
    }
    return 0
  }
}

// JavaScript compares UTF-16 code units. Their order is that of the code points but for surrogates, which spell the highest
// code points and yet come before U+E000 to U+FFFF. A rank puts them after.

/** A code unit that is a surrogate, or above them. */
const HIGH_UNIT = /[\ud800-\uffff]/
const HIGH_UNITS = new RegExp(HIGH_UNIT, 'g')

/** Something that `<` compares. */
export type Rank = string | number

/** The rank that is after those of all numbers, and of all well-formed text. */
const LAST_NUMBER = Infinity
const LAST_TEXT = '\uffff'

/** Makes a rank of a value: `<` orders the ranks of one property as `compareValues` orders the values themselves. `isText` says that its values are text. */
export function rankOf (value: Value, isText: boolean): Rank {
  if (typeof value === 'string') return HIGH_UNIT.test(value) ? rankText(value) : value
  return value === null ? (isText ? LAST_TEXT : LAST_NUMBER) : Number(value)
}

function rankText (text: string): string {
  return text.replace(HIGH_UNITS, (unit) => String.fromCharCode(rankUnit(unit.charCodeAt(0))))
}

const rankUnit = (unit: number): number => unit < 0xe000 ? unit + 0x2000 : unit - 0x800
