import { holds, satisfies } from '../conditions.js'
import type { Operator } from '../../schemas/resource.js'
import type { Condition, Query, SortKey } from '../store.js'
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
  /** The value of this key in the last record already seen. */
  readonly seen: string
}

/**
 * Compiles a table to the function that makes the statement of a query, for one entry more than its limit. The text
 * is made of the names of properties, of operators and directions alone: every value is a parameter. The statement has no
 * name. So PostgreSQL plans it for its values, on which it depends which index is best, and no connection keeps a
 * statement for each order and filter that anybody ever asked for.
 */
export function compileSelect (table: Table, sortable: readonly string[]): (query: Query) => Selection {
  const columns = new Map([table.id, ...table.columns].filter(({ property }) => sortable.includes(property)).map((column) => [column.property, column]))

  return ({ where, order, after, limit }) => {
    const values: unknown[] = []
    const add: AddParameter = (column, value) => `$${values.push(toValue(column, value))}`

    const keys = order.some(({ property }) => property === table.id.property) ? order : [...order, { property: table.id.property, descending: false }]
    const conditions = where.filter((condition) => !isImplied(condition, keys, after)).map((condition) => conditionOf(condition, columnOf(condition.property), add))
    const terms = keys.flatMap(({ property, descending }) => termsOf(columnOf(property), descending, after, add))
    const end = ` order by ${terms.map(({ key, descending }) => `${key} ${descending ? 'desc' : 'asc'}`).join(', ')} limit $${values.push(limit + 1)}`

    const parts = (after === undefined ? [[]] : follows(terms))
      .map((condition) => `select ${table.selected} from ${table.name}${whereAll([...conditions, ...condition])}${end}`)
    const text = parts.length === 1 ? parts.join() : `select ${table.selected} from (${parts.map((part) => `(${part})`).join(' union all ')}) as parts${end}`
    return { text, values }
  }

  function columnOf (property: string): Column {
    const column = columns.get(property)
    if (column === undefined) throw new Error(`no list is sorted or filtered by ${property}`)
    return column
  }
}

/** An operator in SQL; where it compares the beginnings of two texts, these may be equal though the texts are not. */
function toSql (operator: Operator, mayBeEqual: boolean): string {
  return [holds(operator, -1) ? '<' : '', holds(operator, 1) ? '>' : '', mayBeEqual || holds(operator, 0) ? '=' : ''].join('')
}

/** The SQL that says that a record satisfies a condition. */
function conditionOf ({ operator, value }: Condition, column: Column, add: AddParameter): string {
  const place = add(column, value)
  const operands = column.keys(place)
  const comparisons = column.keys(column.name).map((key, i) => `${key} ${toSql(operator, i < operands.length - 1)} ${operands[i]}`)
  const digest = column.digest(column.name)
  // Compare the digests too, because the indexes of other orders have them in place of text.
  return [...comparisons, ...operator === 'eq' && digest !== column.name ? [`${digest} = ${column.digest(place)}`] : []].join(' and ')
}

function termsOf (column: Column, descending: boolean, after: Query['after'], add: AddParameter): Term[] {
  const seen = after === undefined ? [] : column.keys(add(column, after[column.property]))
  return column.keys(column.name).map((key, i) => ({ key, descending, seen: String(seen[i]) }))
}

/**
 * The SQL that holds where a record comes after the last one seen, as lists of conditions: all of one list holds, and no two
 * lists do at once. For each list, PostgreSQL begins in an index just where the page does.
 */
function follows (terms: readonly Term[]): string[][] {
  const operators = [...new Set(terms.map(operatorOf))]
  if (operators.length === 1) return [[`(${terms.map(({ key }) => key).join(', ')}) ${operators.join()} (${terms.map(({ seen }) => seen).join(', ')})`]]
  return terms.map((term, i) => [
    ...terms.slice(0, i).map(({ key, seen }) => `${key} = ${seen}`),
    `${term.key} ${operatorOf(term)} ${term.seen}`
  ])
}

const operatorOf = ({ descending }: Term) => descending ? '<' : '>'

/**
 * Tells whether every record that comes after the last one seen satisfies a condition. Such a condition is left out, because
 * PostgreSQL would begin where it first holds, instead of where the page does.
 */
function isImplied (condition: Condition, [first]: readonly SortKey[], after: Query['after']): boolean {
  if (after === undefined || condition.property !== first?.property) return false
  return holds(condition.operator, first.descending ? -1 : 1) && satisfies(after, [condition])
}

const whereAll = (conditions: readonly string[]) => conditions.length === 0 ? '' : ` where ${conditions.join(' and ')}`
