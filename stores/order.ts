import type { Fields, Operator } from '../schemas/resource.js'
import type { Condition, SortKey, Value } from './store.js'

/** Compares numbers by size, and text by Unicode code point: below, at or above zero where `a` comes before, with or after `b`. */
export function compareValues (a: Value, b: Value): number {
  if (isBefore(a, b)) return -1
  return a === b ? 0 : 1
}

/** Tells whether `a` comes before `b`. */
export function isBefore (a: Value, b: Value): boolean {
  return typeof a === 'number' && typeof b === 'number' ? a < b : isTextBefore(String(a), String(b))
}

/** The value of a record's property, as something that can be compared. */
export function valueOf (record: Fields, property: string): Value {
  const value = record[property]
  return typeof value === 'number' ? value : String(value)
}

/** Compares records by one sort key after the other, and then by id. */
export function compareBy (order: readonly SortKey[]): (a: Fields, b: Fields) => number {
  return (a, b) => {
    for (const { property, descending } of order) {
      const sign = compareValues(valueOf(a, property), valueOf(b, property))
      if (sign !== 0) return descending ? -sign : sign
    }
    return compareValues(valueOf(a, 'id'), valueOf(b, 'id'))
  }
}

/** Tells whether a record satisfies every condition. */
export function satisfies (record: Fields, where: readonly Condition[]): boolean {
  return where.every(({ property, operator, value }) => OPERATORS[operator].holds(compareValues(valueOf(record, property), value)))
}

/** The meaning of an operator. */
interface Meaning {
  /** Tells whether it holds, given how the record's value compares with the condition's. */
  holds (sign: number): boolean
  /** Where the matches begin and end in an index: before (-Infinity) or after (Infinity) all entries of the condition's value. */
  readonly from?: number
  readonly to?: number
}

export const OPERATORS: Readonly<Record<Operator, Meaning>> = {
  lt: { holds: (sign) => sign < 0, to: -Infinity },
  gt: { holds: (sign) => sign > 0, from: Infinity },
  eq: { holds: (sign) => sign === 0, from: -Infinity, to: Infinity }
}

function isTextBefore (a: string, b: string): boolean {
  return HIGH_UNIT.test(a) && HIGH_UNIT.test(b) ? rankText(a) < rankText(b) : a < b
}

/** Makes a rank of a value: `<` orders ranks as `isBefore` orders the values themselves. */
export function rankOf (value: Value): Value {
  return typeof value === 'string' && HIGH_UNIT.test(value) ? rankText(value) : value
}

// JavaScript compares UTF-16 code units. Their order is that of the code points but for surrogates, which spell the highest
// code points and yet come before U+E000 to U+FFFF. A rank puts them after.

/** A code unit that is a surrogate, or above them. */
const HIGH_UNIT = /[\ud800-\uffff]/
const HIGH_UNITS = new RegExp(HIGH_UNIT, 'g')

const rankText = (text: string): string => text.replace(HIGH_UNITS, (unit) => String.fromCharCode(rankUnit(unit.charCodeAt(0))))

const rankUnit = (unit: number): number => unit < 0xe000 ? unit + 0x2000 : unit - 0x800
