import pg from 'pg'
import { keywordsOf, type Keywords } from '../../schemas/keywords.js'
import type { Fields, Item } from '../../schemas/resource.js'
import type { Model } from '../store.js'
import { checksOf } from './checks.js'
import type { Statement } from './connections.js'
import type { ReceiptsTable } from './receipts.js'

/** A column: a property of the records. */
export interface Column {
  readonly property: string
  /** Its name in SQL, quoted. */
  readonly name: string
  /** Its type, as PostgreSQL writes it. */
  readonly type: string
  /** Whether each record has a value in it. */
  readonly required: boolean
  /** The conditions in SQL that its values satisfy. */
  readonly checks: readonly string[]
  /** The SQL that it is sorted by, given its name, or that of a value to compare with it. */
  keys (operand: string): readonly string[]
  /** The SQL that tells its values apart in few bytes, given the same. */
  digest (operand: string): string
}

/** The table of the records, derived from their schema. The names of its properties are the only part of a schema that is in SQL. */
export interface Table {
  /** Its name in SQL, quoted. */
  readonly name: string
  readonly id: Column
  /** The columns of all properties but the id. */
  readonly columns: readonly Column[]
  /** All columns, for a SELECT. */
  readonly selected: string
}

/** The columns that a model's records need, in the order of the schema. */
export function tableOf ({ name, schema }: Model): Table {
  const columns = Object.entries(schema.properties).map(([property, type]) => columnOf(property, type, schema.required))
  return {
    name: pg.escapeIdentifier(name),
    id: columnOf('id', keywordsOf(schema, 'id'), ['id']),
    columns: columns.filter(({ property }) => property !== 'id'),
    selected: columns.map(({ name }) => name).join(', ')
  }
}

function columnOf (property: string, schema: Keywords, required: readonly string[] = []): Column {
  const [name, type] = [pg.escapeIdentifier(property), typeOf(schema)]
  return {
    property,
    name,
    type,
    required: required.includes(property),
    checks: type === JSON_TYPE ? [] : checksOf(name, schema),
    keys: isLong(schema) ? (operand) => [`left(${operand}, ${PREFIX})`, operand] : (operand) => [operand],
    digest: schema.type === 'string' ? (operand) => `hashtextextended(${operand}, 0)` : (operand) => operand
  }
}

/** The types of columns, by those of JSON Schema. The collation "C" orders text by code point. */
const TYPES: Readonly<Record<string, string>> = {
  number: 'double precision',
  boolean: 'boolean',
  string: 'text COLLATE "C"'
}

/** The type of all other columns. Unlike jsonb, it keeps the text as it is: the order of members, and U+0000. */
const JSON_TYPE = 'json'

function typeOf ({ type = '', minimum, maximum }: Keywords): string {
  if (type !== 'integer') return TYPES[type] ?? JSON_TYPE
  // An integer without bounds may be 1e300, which no bigint is.
  return Number.isSafeInteger(minimum) && Number.isSafeInteger(maximum) ? 'bigint' : 'double precision'
}

/**
 * An index takes entries of 2,700 bytes at most, and a character may have 4. So long text is indexed, and first sorted,
 * by its beginning, and by the whole only where that is the same.
 */
const PREFIX = 600

const isLong = ({ type, maxLength = Infinity }: Keywords) => type === 'string' && maxLength > PREFIX

/** The most columns that an index has for filters. */
const MOST_FILTERED = 8

/**
 * Makes the table, and an index for each property that a list may be sorted or filtered by. Behind the columns of its order, each index
 * has those that filters look at, so that PostgreSQL passes over what they rule out within the index: to look at the table takes thirty times as long.
 */
export function creationOf ({ name, id, columns }: Table, { sortable, filtered = [] }: Pick<Model, 'sortable' | 'filtered'>): Statement[] {
  const definitions = columns.map(({ name, type, required, checks }) =>
    `${name} ${type}${required ? ' not null' : ''}${checks.length === 0 ? '' : ` check (${checks.join(' and ')})`}`)
  const indexed = columns.filter(({ property, type }) => sortable.includes(property) && type !== JSON_TYPE)
  const looked = indexed.filter(({ property }) => filtered.includes(property)).slice(0, MOST_FILTERED)
  const index = (keys: readonly string[], but?: Column) =>
    `create index on ${name} (${[...keys, ...looked.filter((column) => column !== but).map(({ name, digest }) => digest(name))].join(', ')})`
  return [
    // The sequence alone gives ids: one that somebody had chosen before would be given twice.
    `create table ${name} (${[`${id.name} ${id.type} generated always as identity (start with 0 minvalue 0) primary key`, ...definitions].join(', ')})`,
    ...indexed.flatMap((column) => column.keys(column.name).length === 1
      // An index for each direction, because in both the records that tie are in the order of their ids.
      ? [index([column.name, id.name], column), index([`${column.name} desc`, id.name], column)]
      : index(column.keys(column.name).slice(0, 1), column)),
    ...looked.length === 0 ? [] : [index([id.name])]
  ].map((text) => ({ text }))
}

/** Asks for the columns of a table that exists, and their types. */
export const COLUMNS: Statement = {
  text: `select attname as property, format_type(atttypid, atttypmod) || coalesce(' COLLATE ' || quote_ident(collname), '') as type,
    attnotnull as required, atthasdef as given, attidentity <> '' as identity
  from pg_attribute left join pg_collation on pg_collation.oid = attcollation and collname <> 'default'
  where attrelid = to_regclass($1) and attnum > 0 and not attisdropped`
}

export interface ExistingColumn {
  readonly property: string
  readonly type: string
  /** A required column cannot be null, a given one has a default, and the database gives the values of an identity, as it does those of an id. */
  readonly required: boolean
  readonly given: boolean
  readonly identity: boolean
}

/** Throws where the table that exists is not one for the records. It may have more columns, if they can be left out. */
export function checkColumns ({ name, id, columns }: Table, existing: readonly ExistingColumn[]): void {
  const expected = [id, ...columns]
  const faults = [
    ...expected.flatMap((column) => faultOf(column, existing.find((other) => other.property === column.property && other.type === column.type))),
    ...existing.some(({ property, identity }) => property === id.property && !identity) ? [`its column ${id.property} is not generated as identity`] : [],
    ...existing.filter(({ property, required, given, identity }) => required && !given && !identity && !expected.some((column) => column.property === property))
      .map(({ property, type }) => `the schema has no property for its column ${property} of the type ${type}`)
  ]
  if (faults.length > 0) throw new Error(`the table ${name} does not fit the schema: ${faults.join('; ')}`)
}

function faultOf ({ property, type, required }: Column, existing: ExistingColumn | undefined): string[] {
  if (existing === undefined) return [`it has no column ${property} of the type ${type}`]
  if (existing.required === required) return []
  return [required ? `its column ${property} may be null` : `its column ${property} may not be null, but the property may be absent`]
}

/** The statements that read and write one record: its id is the first value, the columns' come after it. */
export function statementsOf ({ name, id, columns, selected }: Table, receipts: Pick<ReceiptsTable, 'name' | 'mark' | 'isMarked'>) {
  const names = columns.map(({ name }) => name).join(', ')
  const places = (first: number) => columns.map((_, i) => `$${i + first}`).join(', ')
  const where = `where ${id.name} = $1`
  return {
    get: { name: 'get', text: `select ${selected} from ${name} ${where}` },
    /** The same, which no other write changes before the end of the transaction. */
    lock: { name: 'lock', text: `select ${selected} from ${name} ${where} for update` },
    insert: { name: 'insert', text: `insert into ${name} (${names}) values (${places(1)}) returning ${selected}` },
    update: { name: 'update', text: `update ${name} set (${names}) = row (${places(2)}) ${where} returning ${selected}` },
    /** Marks the table as one that had records, because it may have none from then on. */
    delete: { name: 'delete', text: `with deleted as (delete from ${name} ${where}) ${receipts.mark}` },

    /** Fails where records cannot be read. */
    probe: { text: `select ${selected} from ${name} limit 0` },

    lockTable: { text: `lock table ${name}` },
    /** Asks, given the table's name, whether it is ours, and whether it never had a record. Only the owner of a sequence can ask what it has given. */
    state: {
      text: `select owned, case when owned then pg_sequence_last_value(pg_get_serial_sequence($1, '${id.property}')::regclass) is null
        else not exists (select from ${name}) and not ${receipts.isMarked} end as untouched
        from (select pg_has_role(relowner, 'usage') as owned from pg_class where oid = to_regclass($1)) as ownership`
    },
    /** Makes a new sequence, though sequences stand outside of transactions: if this one fails, no id was ever given. */
    restartIds: { text: `alter table ${name} alter column ${id.name} restart` }
  }
}

/** The values of a record, one for each column. */
export function valuesOf ({ columns }: Table, fields: Fields): unknown[] {
  return columns.map((column) => toValue(column, fields[column.property]))
}

const MOST_BIGINT = '9223372036854775807'
const LEAST_BIGINT = '-9223372036854775808'

/** A property's value, as the driver takes it. */
export function toValue ({ type }: Column, value: unknown): unknown {
  // A cursor may stand beyond all that the column can have.
  if (type === 'bigint' && Math.abs(Number(value)) >= 2 ** 63) return Number(value) > 0 ? MOST_BIGINT : LEAST_BIGINT
  return type === JSON_TYPE && value !== undefined ? JSON.stringify(value) : value
}

/** The function that makes a record of a row: where a column has no value, the record has no property. */
export function rowReader ({ columns }: Table): (row: Item) => Item {
  const optional = columns.filter(({ required }) => !required).map(({ property }) => property)
  if (optional.length === 0) return (row) => row
  return (row) => ({ ...Object.fromEntries(Object.entries(row).filter(([property, value]) => value !== null || !optional.includes(property))), id: row.id })
}
