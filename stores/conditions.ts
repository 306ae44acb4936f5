import { compareValues, satisfies, valueOf } from './order.js'
import type { Condition, Query } from './store.js'

/**
 * Tells whether a query finds nothing, whatever the records are: its conditions contradict each other, or the last record
 * seen is past what one of them allows. The store then need not search.
 */
export function isEmpty ({ where, order: [first], after }: Query): boolean {
  return where.some((one) => where.some((other) => excludes(one, other))) ||
    (after !== undefined && first !== undefined && where.some((condition) => condition.property === first.property &&
      isPast(condition, compareValues(valueOf(after, first.property), condition.value), first.descending)))
}

/** Tells whether no value satisfies both. To compare conditions two by two is enough, because the values that satisfy one have no gap between them. */
function excludes (one: Condition, other: Condition): boolean {
  if (one.property !== other.property) return false
  if (one.operator === 'eq') return !satisfies({ [one.property]: one.value }, [other])
  return one.operator === 'gt' && other.operator === 'lt' && compareValues(one.value, other.value) >= 0
}

/** Tells whether all that comes after a value breaks a condition; `sign` says how that value compares with the condition's. */
function isPast ({ operator }: Condition, sign: number, descending: boolean): boolean {
  if (operator === 'eq') return descending ? sign < 0 : sign > 0
  return descending ? operator === 'gt' && sign <= 0 : operator === 'lt' && sign >= 0
}
