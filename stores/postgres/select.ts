import { mayLack } from '../../schemas/property.js'
import { holds, holdsFor, satisfies } from '../conditions.js'
import { completeOrder, valueOf } from '../order.js'
import type { Condition, Query, SortKey, Value } from '../store.js'
import { toValue, type Column, type Table } from './table.js'

/** A statement, and a value for each of its parameters. */
export interface Selection {
  readonly text: string
  readonly values: readonly unknown[]
}

/** Makes a parameter of a value that a column may have; returns its place in the statement. */
type AddParameter = (column: Column, value: unknown) => string

/** A sort key in SQL. */
interface Term {
  readonly key: string
  readonly descending: boolean
  /** True where records may have no value of it. */
  readonly mayLack: boolean
  /** The value of this key in the last record already seen; null where it has none. */
  readonly seen: string | null
}

/**
 * Compiles a table to the functions that make the statement of a query, for one entry more than its limit, and that which counts. The text
 * is made of the names of properties, of operators and directions alone: every value is a parameter. The statement has no
 * name. So PostgreSQL plans it for its values, on which it depends which index is best, and no connection keeps a
 * statement for each order and filter that anybody ever asked for.
 */
export function compileSelect ({ name, columns, key, selected }: Table, sortable: readonly string[]) {
  const byProperty = new Map(columns.filter(({ property }) => sortable.includes(property.name)).map((column) => [column.property.name, column]))
  const keyNames = key.map(({ property }) => property.name)

  return { list, count }

  function list ({ where, order, after, limit }: Query): Selection {
    const { values, add } = createParameters()
    const keys = completeOrder(order, keyNames)
    const conditions = where.filter((condition) => !isImplied(condition, keys, after)).map((condition) => conditionOf(condition, where, columnOf(condition.property), add))
    const terms = after === undefined ? [] : keys.flatMap((sortKey) => termsOf(sortKey, where, columnOf(sortKey.property), valueOf(after, sortKey.property), add))
    const sorted = keys.flatMap(({ property, descending }) => sortedBy(columnOf(property)).map((key) => `${key} ${descending ? 'desc' : 'asc'}`))
    const end = ` order by ${sorted.join(', ')} limit $${values.push(limit + 1)}`

    const parts = (after === undefined ? [[]] : follows(terms))
      .map((condition) => `select ${selected} from ${name}${whereAll([...conditions, ...condition])}${end}`)
    const text = parts.length === 1 ? parts.join() : `select ${selected} from (${parts.map((part) => `(${part})`).join(' union all ')}) as parts${end}`
    return { text, values }
  }

  function count (where: readonly Condition[]): Selection {
    const { values, add } = createParameters()
    return { text: `select count(*) as total from ${name}${whereAll(where.map((condition) => conditionOf(condition, where, columnOf(condition.property), add)))}`, values }
  }

  function columnOf (property: string): Column {
    const column = byProperty.get(property)
    if (column === undefined) throw new Error(`no list is sorted or filtered by ${property}`)
    return column
  }
}

function createParameters () {
  const values: unknown[] = []
  const add: AddParameter = (column, value) => `$${values.push(toValue(column, value))}::${column.cast}`
  return { values, add }
}

const sortedBy = ({ keys, name }: Column) => keys(name)

/** The SQL that says that a record satisfies one condition of several. */
function conditionOf (condition: Condition, where: readonly Condition[], column: Column, add: AddParameter): string {
  const { operator, value } = condition
  if (operator === 'eq' || operator === 'in') return isOneOf([value].flat(), column, add)
  const keys = sortedBy(column)
  if (value === null) return IS_BESIDE_NULL[operator](column.name)
  const operands = column.keys(add(column, value))
  // Where the beginnings of two texts are compared, these may be equal though the texts are not.
  const holding = keys.map((key, i) => `${key} ${toSql(operator, i < operands.length - 1)} ${operands[i]}`).join(' and ')
  return holds(operator, 1) && mayLackWithin(where, column) ? `(${holding} or ${column.name} is null)` : holding
}

/** Null is after all values. */
const IS_BESIDE_NULL = {
  lt: (name: string) => `${name} is not null`,
  lte: () => 'true',
  gte: (name: string) => `${name} is null`,
  gt: () => 'false'
}

function toSql (operator: 'lt' | 'lte' | 'gte' | 'gt', mayBeEqual: boolean): string {
  return `${holds(operator, -1) ? '<' : '>'}${mayBeEqual || holds(operator, 0) ? '=' : ''}`
}

function isOneOf (values: readonly Value[], column: Column, add: AddParameter): string {
  const places = values.filter((value) => value !== null).map((value) => add(column, value))
  const digest = column.digest(column.name)
  // Compare the digests too, because the indexes of other orders have them in place of text.
  const equal = [...sortedBy(column).map((key, i) => `${key} in (${places.map((place) => column.keys(place)[i]).join(', ')})`),
    ...digest === column.name ? [] : [`${digest} in (${places.map(column.digest).join(', ')})`]].join(' and ')
  const ways = [...places.length > 0 ? [equal] : [], ...values.includes(null) ? [`${sortedBy(column)[0]} is null`] : []]
  return ways.length === 0 ? 'false' : `(${ways.join(' or ')})`
}

/** Tells whether there may be records without a value of a column that satisfy some conditions. */
function mayLackWithin (where: readonly Condition[], { property }: Column): boolean {
  return mayLack(property) && where.every((condition) => condition.property !== property.name || holdsFor(null, condition))
}

function termsOf ({ descending }: SortKey, where: readonly Condition[], column: Column, value: Value, add: AddParameter): Term[] {
  const seen = value === null ? [null] : column.keys(add(column, value))
  // Of a beginning of text that equals another, there is a whole.
  return sortedBy(column).slice(0, seen.length).map((key, i) => ({ key, descending, mayLack: i === 0 && mayLackWithin(where, column), seen: seen[i] ?? null }))
}

/**
 * The SQL that holds where a record comes after the last one seen, as lists of conditions: all of one list holds, and no two
 * lists do at once. For each list, PostgreSQL begins in an index just where the page does.
 */
function follows (terms: readonly Term[]): string[][] {
  const operators = [...new Set(terms.map(operatorOf))]
  if (operators.length === 1 && terms.every(({ mayLack, seen }) => !mayLack && seen !== null)) {
    return [[`(${terms.map(({ key }) => key).join(', ')}) ${operators.join()} (${terms.map(({ seen }) => seen).join(', ')})`]]
  }
  return terms.flatMap((term, i) => waysAfter(term).map((way) => [
    ...terms.slice(0, i).map(({ key, seen }) => seen === null ? `${key} is null` : `${key} = ${seen}`),
    way
  ]))
}

/** The ways to come after a term alone. */
function waysAfter (term: Term): string[] {
  const { key, descending, mayLack, seen } = term
  if (seen === null) return descending ? [`${key} is not null`] : []
  return [`${key} ${operatorOf(term)} ${seen}`, ...mayLack && !descending ? [`${key} is null`] : []]
}

const operatorOf = ({ descending }: Term) => descending ? '<' : '>'

/**
 * Tells whether every record that comes after the last one seen satisfies a condition. Such a condition is left out, because
 * PostgreSQL would begin where it first holds, instead of where the page does.
 */
function isImplied (condition: Condition, [first]: readonly SortKey[], after: Query['after']): boolean {
  if (after === undefined || condition.property !== first?.property || condition.operator === 'in') return false
  return holds(condition.operator, first.descending ? -1 : 1) && satisfies(after, [condition])
}

const whereAll = (conditions: readonly string[]) => conditions.length === 0 ? '' : ` where ${conditions.join(' and ')}`
