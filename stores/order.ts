import type { Fields } from '../schemas/resource.js'
import type { SortKey, Value } from './store.js'

/** Compares numbers by size, and text by Unicode code point: below, at or above zero where `a` comes before, with or after `b`. */
export function compareValues (a: Value, b: Value): number {
  if (a === b) return 0
  return (typeof a === 'number' && typeof b === 'number' ? a < b : isTextBefore(String(a), String(b))) ? -1 : 1
}

function isTextBefore (a: string, b: string): boolean {
  return HIGH_UNIT.test(a) && HIGH_UNIT.test(b) ? rankOf(a) < rankOf(b) : a < b
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

/** A place in the order of one property, then of the ids: at this value and id. An infinite id stands before or after all of the value. */
export interface Place {
  readonly value: Value
  readonly id: number
}

/** What is between two places, which are not in it; without one of them, from the start or to the end. */
export interface Stretch {
  readonly from?: Place | undefined
  readonly to?: Place | undefined
}

export function comparePlaces (a: Place, b: Place): number {
  return compareValues(a.value, b.value) || compareValues(a.id, b.id)
}

// JavaScript compares UTF-16 code units. Their order is that of the code points but for surrogates, which spell the highest
// code points and yet come before U+E000 to U+FFFF. A rank puts them after.

/** A code unit that is a surrogate, or above them. */
const HIGH_UNIT = /[\ud800-\uffff]/
const HIGH_UNITS = new RegExp(HIGH_UNIT, 'g')

/** Makes a rank of a value: `<` orders ranks as `compareValues` orders the values themselves. */
export function rankOf (value: Value): Value {
  if (typeof value === 'number' || !HIGH_UNIT.test(value)) return value
  return value.replace(HIGH_UNITS, (unit) => String.fromCharCode(rankUnit(unit.charCodeAt(0))))
}

const rankUnit = (unit: number): number => unit < 0xe000 ? unit + 0x2000 : unit - 0x800
