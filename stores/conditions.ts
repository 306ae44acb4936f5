import { compareValues, satisfies, valueOf } from './order.js'
import type { Condition, Query } from './store.js'

/**
 * Whether a query can find nothing, whatever the records are: its conditions contradict each other, or the last record
 * seen is past what one of them allows. To know this saves a store the search.
 */
export function isEmpty ({ where, order: [first], after }: Query): boolean {
  return where.some((one) => where.some((other) => excludes(one, other))) ||
    (after !== undefined && first !== undefined && where.some((condition) => condition.property === first.property &&
      isPast(condition, compareValues(valueOf(after, first.property), condition.value), first.descending)))
}

/** Whether no value satisfies both. What satisfies a condition has no gap, so conditions that agree two by two agree all together. */
function excludes (one: Condition, other: Condition): boolean {
  if (one.property !== other.property) return false
  if (one.operator === 'eq') return !satisfies({ [one.property]: one.value }, [other])
  return one.operator === 'gt' && other.operator === 'lt' && compareValues(one.value, other.value) >= 0
}

/** Whether all that comes after a value breaks a condition, given how that value compares with the one of the condition. */
function isPast ({ operator }: Condition, sign: number, descending: boolean): boolean {
  if (operator === 'eq') return descending ? sign < 0 : sign > 0
  return descending ? operator === 'gt' && sign <= 0 : operator === 'lt' && sign >= 0
}
