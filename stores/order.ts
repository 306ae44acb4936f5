import type { Fields } from '../schemas/resource.js'
import type { Condition, SortKey, Value } from './store.js'

/** Below, at or above zero, as `a` comes before, with or after `b`: numbers by size, text by Unicode code point. */
export function compareValues (a: Value, b: Value): number {
  if (isBefore(a, b)) return -1
  return a === b ? 0 : 1
}

/** Whether `a` comes before `b`. */
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

/** Whether a record satisfies every condition. */
export function satisfies (record: Fields, where: readonly Condition[]): boolean {
  return where.every(({ property, operator, value }) => HOLDS[operator](compareValues(valueOf(record, property), value)))
}

const HOLDS = {
  lt: (sign: number) => sign < 0,
  gt: (sign: number) => sign > 0,
  eq: (sign: number) => sign === 0
}

function isTextBefore (a: string, b: string): boolean {
  // JavaScript compares UTF-16 code units, which are in the order of the code points but for the highest.
  return HIGH_UNIT.test(a) && HIGH_UNIT.test(b) ? isBeforeByCodePoint(a, b) : a < b
}

/** A code unit that is a surrogate, or above them. */
const HIGH_UNIT = /[\ud800-\uffff]/

function isBeforeByCodePoint (a: string, b: string): boolean {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const unitA = a.charCodeAt(i)
    const unitB = b.charCodeAt(i)
    if (unitA !== unitB) return codePointRank(unitA) < codePointRank(unitB)
  }
  return a.length < b.length
}

/** UTF-16 puts surrogates, which spell the highest code points, before U+E000 to U+FFFF: this puts them after. */
function codePointRank (unit: number): number {
  if (unit < 0xd800) return unit
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800
}
