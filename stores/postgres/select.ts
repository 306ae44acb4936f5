import type { Condition, Query } from '../store.js'
import { toValue, type Column, type Table } from './table.js'

/** A statement, and a value for each of its parameters. */
export interface Selection {
  readonly text: string
  readonly values: readonly unknown[]
}

/** Makes a parameter of a value that a column may have; returns its place in the statement. */
type AddParameter = (column: Column, value: unknown) => string

/** One thing to sort by, in SQL. */
interface Term {
  readonly key: string
  readonly descending: boolean
  /** The same of the last record already seen. */
  readonly seen: string
}

/**
 * Compiles a table to the function that makes the statement of a query, for one entry more than its limit. Its text
 * is made of the names of properties, of operators and directions alone: every value is a parameter.
 */
export function compileSelect (table: Table, sortable: readonly string[]): (query: Query) => Selection {
  const columns = new Map([table.id, ...table.columns].filter(({ property }) => sortable.includes(property)).map((column) => [column.property, column]))

  return ({ where, order, after, limit }) => {
    const values: unknown[] = []
    const add: AddParameter = (column, value) => `$${values.push(toValue(column, value))}`

    const conditions = where.map((condition) => holds(condition, columnOf(condition.property), add))
    const keys = order.some(({ property }) => property === table.id.property) ? order : [...order, { property: table.id.property, descending: false }]
    const terms = keys.flatMap(({ property, descending }) => termsOf(columnOf(property), descending, after, add))
    if (after !== undefined) conditions.push(follows(terms))

    const filter = conditions.length === 0 ? '' : ` where ${conditions.join(' and ')}`
    const sort = terms.map(({ key, descending }) => `${key} ${descending ? 'desc' : 'asc'}`).join(', ')
    return { text: `select ${table.selected} from ${table.name}${filter} order by ${sort} limit $${values.push(limit + 1)}`, values }
  }

  function columnOf (property: string): Column {
    const column = columns.get(property)
    if (column === undefined) throw new Error(`no list is sorted or filtered by ${property}`)
    return column
  }
}

/** What holds of the beginnings of two texts is looser than what holds of the whole. */
const OPERATORS = {
  lt: { loose: '<=', strict: '<' },
  gt: { loose: '>=', strict: '>' },
  eq: { loose: '=', strict: '=' }
}

/** Whether a record satisfies a condition. */
function holds ({ operator, value }: Condition, column: Column, add: AddParameter): string {
  const { loose, strict } = OPERATORS[operator]
  const operands = column.keys(add(column, value))
  return column.keys(column.name).map((key, i) => `${key} ${i < operands.length - 1 ? loose : strict} ${operands[i]}`).join(' and ')
}

function termsOf (column: Column, descending: boolean, after: Query['after'], add: AddParameter): Term[] {
  const seen = after === undefined ? [] : column.keys(add(column, after[column.property]))
  return column.keys(column.name).map((key, i) => ({ key, descending, seen: String(seen[i]) }))
}

/** Whether a record comes after the last one seen. PostgreSQL finds the place in an index by the first term at least. */
function follows (terms: readonly Term[]): string {
  const directions = new Set(terms.map(operatorOf))
  if (directions.size === 1) return `(${terms.map(({ key }) => key).join(', ')}) ${[...directions].join('')} (${terms.map(({ seen }) => seen).join(', ')})`
  return terms.reduceRight((rest, term) => {
    const { key, seen } = term
    const strictly = `${key} ${operatorOf(term)} ${seen}`
    return rest === '' ? strictly : `(${key} ${operatorOf(term)}= ${seen} and (${strictly} or ${rest}))`
  }, '')
}

const operatorOf = ({ descending }: Term) => descending ? '<' : '>'
