import type { Filter, Operator } from '../schemas/filters.js'
import { mayLack, spell } from '../schemas/property.js'
import type { Fields } from '../schemas/resource.js'
import { compareValues, valueOf } from './order.js'
import type { Condition, Id, Query, Value } from './store.js'

/** A place in the order of one property, then of the ids: at this value and id. An infinite id stands before or after all of the value. */
export interface Place {
  readonly value: Value
  readonly id: Id
}

/** All that is between two places, which are not in it; without one of them, from the start or to the end. */
export interface Stretch {
  readonly from?: Place | undefined
  readonly to?: Place | undefined
}

export const BEFORE = -Infinity
export const AFTER = Infinity

export function comparePlaces (a: Place, b: Place): number {
  return compareValues(a.value, b.value) || compareIds(a.id, b.id)
}

/** Compares numbers, or texts: the infinite ids are before and after all of both. */
export function compareIds (a: Id, b: Id): number {
  if (a === b) return 0
  if (typeof a === 'number' && typeof b === 'number') return a - b
  return a === BEFORE || b === AFTER ? -1 : a === AFTER || b === BEFORE ? 1 : compareValues(a, b)
}

/**
 * The meaning of each operator: where the values that satisfy it begin and end, before or after the condition's own. There is no gap
 * between them, which is why it is enough to look at bounds, and at conditions two by two. All else that is known of operators follows from this.
 */
const OPERATORS: Readonly<Record<Exclude<Operator, 'in'>, { readonly from: number | undefined, readonly to: number | undefined }>> = {
  lt: { from: undefined, to: BEFORE },
  lte: { from: undefined, to: AFTER },
  eq: { from: BEFORE, to: AFTER },
  gte: { from: BEFORE, to: undefined },
  gt: { from: AFTER, to: undefined }
}

/** Tells whether an operator holds, given how the record's value compares with the condition's. */
export function holds (operator: Exclude<Operator, 'in'>, sign: number): boolean {
  const { from, to } = OPERATORS[operator]
  if (sign === 0) return from !== AFTER && to !== BEFORE
  return (sign < 0 ? from : to) === undefined
}

/** The conditions that a filter asks of a record: none of them is met by a property without a value, unless that is what it asks for. */
export function conditionsOf ({ property, operator, schema }: Filter, given: unknown): Condition[] {
  const of = property.name
  const valueFor = (value: unknown) => valueOf({ [of]: spell(property, value) }, of)
  const hasValue: Condition[] = mayLack(property) ? [{ property: of, operator: 'lt', value: null }] : []
  if (operator === 'exists') return given === true ? hasValue : [{ property: of, operator: 'eq', value: null }]
  if (operator === 'in') return [{ property: of, operator, value: [given].flat().map(valueFor) }]
  const value = valueFor(given)
  if (operator === 'prefix') {
    const end = afterAll(String(value))
    return [{ property: of, operator: 'gte', value }, ...end === undefined ? hasValue : [{ property: of, operator: 'lt', value: end } as const]]
  }
  // A filter that every valid record passes, as one does at its default, is left out.
  const { minimum = -Infinity, maximum = Infinity } = property.schema
  const condition: Condition = { property: of, operator, value }
  const isIdle = typeof value === 'number' && 'default' in schema && !mayLack(property) && holdsFor(minimum, condition) && holdsFor(maximum, condition)
  return isIdle ? [] : [condition, ...operator === 'gt' || operator === 'gte' ? hasValue : []]
}

/** The first text after all that begin with this one; undefined where there is none. */
function afterAll (prefix: string): string | undefined {
  const characters = Array.from(prefix.replace(/\u{10FFFF}*$/u, ''))
  const last = characters.pop()?.codePointAt(0)
  if (last === undefined) return undefined
  // No character is a surrogate.
  return characters.join('') + String.fromCodePoint(last === 0xd7ff ? 0xe000 : last + 1)
}

/** Tells whether a value satisfies a condition. Null does where the condition is about null alone. */
export function holdsFor (value: Value, condition: Condition): boolean {
  if (condition.operator === 'in') return condition.value.includes(value)
  return holds(condition.operator, compareValues(value, condition.value))
}

/** Tells whether a record satisfies every condition. */
export function satisfies (record: Fields, where: readonly Condition[]): boolean {
  return where.every((condition) => holdsFor(valueOf(record, condition.property), condition))
}

/** Where the matches of a condition are in the order of their property; for one of several values, all between the least and the greatest. */
export function stretchOf (condition: Condition): Stretch {
  if (condition.operator === 'in') {
    const values = [...condition.value].sort(compareValues)
    return { from: { value: values[0] ?? null, id: BEFORE }, to: { value: values.at(-1) ?? null, id: AFTER } }
  }
  const { from, to } = OPERATORS[condition.operator]
  const { value } = condition
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
  const stretches = [...where, ...left].map((condition) => ({ property: condition.property, ...stretchOf(condition) }))
  // One begins only behind the end of another.
  return stretches.some(({ property, from }) => from !== undefined &&
    stretches.some((other) => other.property === property && other.to !== undefined && comparePlaces(from, other.to) >= 0))
}
