import type { Fields, Operator } from '../schemas/resource.js'
import { comparePlaces, compareValues, valueOf, type Stretch } from './order.js'
import type { Condition, Query, Value } from './store.js'

const BEFORE = -Infinity
const AFTER = Infinity

/**
 * What each operator means: where the values that satisfy it begin and end, before or after the condition's own. There is no gap
 * between them, which is why it is enough to look at bounds, and at conditions two by two. All else that is known of operators follows from this.
 */
const OPERATORS: Readonly<Record<Operator, { readonly from: number | undefined, readonly to: number | undefined }>> = {
  lt: { from: undefined, to: BEFORE },
  lte: { from: undefined, to: AFTER },
  eq: { from: BEFORE, to: AFTER },
  gte: { from: BEFORE, to: undefined },
  gt: { from: AFTER, to: undefined }
}

/** Tells whether an operator holds, given how the record's value compares with the condition's. */
export function holds (operator: Operator, sign: number): boolean {
  const { from, to } = OPERATORS[operator]
  if (sign === 0) return from !== AFTER && to !== BEFORE
  return (sign < 0 ? from : to) === undefined
}

/** Tells whether a record satisfies every condition. */
export function satisfies (record: Fields, where: readonly Condition[]): boolean {
  return where.every(({ property, operator, value }) => holds(operator, compareValues(valueOf(record, property), value)))
}

/** Tells whether every number between two satisfies a condition. */
export function holdsBetween (least: number, greatest: number, { operator, value }: Condition): boolean {
  return typeof value === 'number' && [least, greatest].every((bound) => holds(operator, compareValues(bound, value)))
}

/** Where the matches of an operator and a value are in the order of their property. */
export function stretchOf (operator: Operator, value: Value): Stretch {
  const { from, to } = OPERATORS[operator]
  return { from: from === undefined ? undefined : { value, id: from }, to: to === undefined ? undefined : { value, id: to } }
}

/**
 * Tells whether a query finds nothing, whatever the records are: its conditions contradict each other, or what comes after the
 * last record seen. The store then need not search.
 */
export function isEmpty ({ where, order: [first], after }: Query): boolean {
  const left: Condition[] = after === undefined || first === undefined
    ? []
    : [{ property: first.property, operator: first.descending ? 'lte' : 'gte', value: valueOf(after, first.property) }]
  const stretches = [...where, ...left].map(({ property, operator, value }) => ({ property, ...stretchOf(operator, value) }))
  // One begins only behind the end of another.
  return stretches.some(({ property, from }) => from !== undefined &&
    stretches.some((other) => other.property === property && other.to !== undefined && comparePlaces(from, other.to) >= 0))
}
