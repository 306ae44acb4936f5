import pg from 'pg'
import { lengthOf, type Keywords } from '../../schemas/keywords.js'
import { mayLack, type Property } from '../../schemas/property.js'
import type { Fields, Item } from '../../schemas/resource.js'
import type { Model } from '../store.js'
import { checkOf, literal } from './checks.js'
import { prepared } from './connections.js'
import { quote, shorten } from './names.js'
import type { ReceiptsTable } from './receipts.js'
import { castOf, keptIn, typeOf } from './types.js'

/** A column: a property of the records. */
export interface Column {
  readonly property: Property
  /** Its name in SQL, quoted. */
  readonly name: string
  /** Its type, as PostgreSQL writes it, and that of values to compare with it. */
  readonly type: string
  readonly cast: string
  /** The SQL that it is sorted by, given its name, or that of a value to compare with it. */
  keys (operand: string): readonly string[]
  /** The SQL that tells its values apart in few bytes, given the same. */
  digest (operand: string): string
}

/** The table of the records, derived from their schema. The names of its properties are the only part of a schema that is in SQL. */
export interface Table {
  /** Its name in SQL, quoted. */
  readonly name: string
  readonly columns: readonly Column[]
  /** The columns that identify a record. */
  readonly key: readonly Column[]
  /** The columns that a write gives values to: all but one that counts by itself. */
  readonly written: readonly Column[]
  /** All columns, for a SELECT. */
  readonly selected: string
}

/** The table that a model's records need; where there is one already, its columns are sorted as `types`, theirs by their names, need. */
export function tableOf ({ name, properties, ids, key }: Model, types: ReadonlyMap<string, string> = new Map()): Table {
  const inKey = (property: Property) => key.includes(property.name)
  // An index has the key behind a text's beginning.
  const longest = PREFIX - properties.filter((property) => inKey(property) && property.kind === 'text').reduce((sum, { schema }) => sum + lengthOf(schema), 0)
  const columns = properties.map((property) => columnOf(property, inKey(property) ? Infinity : longest, types.get(property.name)))
  return {
    name: quote(name),
    columns,
    key: key.flatMap((name) => columns.filter(({ property }) => property.name === name)),
    written: ids === 'counter' ? columns.filter(({ property }) => !inKey(property)) : columns,
    selected: columns.map(({ name }) => name).join(', ')
  }
}

function columnOf (property: Property, longest: number, found?: string): Column {
  const type = typeOf(property)
  const sorted = keptIn(type, found ?? type)
  return {
    property,
    name: quote(property.name),
    type,
    cast: castOf(type),
    keys: property.kind === 'text' && lengthOf(property.schema) > longest
      ? (operand) => [`left(${sorted(operand)}, ${longest})`, sorted(operand)]
      : (operand) => [sorted(operand)],
    digest: property.kind === 'text' ? (operand) => `hashtextextended(${operand}, 0)` : (operand) => operand
  }
}

/**
 * An index takes entries of 2,700 bytes at most, and a character may have 4. So long text is indexed, and first sorted,
 * by its beginning, and by the whole only where that is the same.
 */
const PREFIX = 600

/** The most columns that an index has for filters. */
const MOST_FILTERED = 8

export interface Index {
  readonly name: string
  /** The first property that it is for. */
  readonly property: string
  readonly creation: string
}

const nameOfIndex = (model: string, use: string): string => shorten(`${model}__${use}`)

/** The names of all indexes that there may be for the order of a property, whatever its schema is. */
export const namesOfIndexes = (model: string, property: string): string[] => ['asc', 'desc', 'start'].map((end) => nameOfIndex(model, `${property}_${end}`))

/**
 * The indexes for each property that a list may be sorted or filtered by. Behind the columns of its order, each index has those that
 * filters look at, so that PostgreSQL passes over what they rule out within the index: to look at the table takes thirty times as long.
 */
export function indexesOf ({ name, columns, key }: Table, { name: model, sortable, filtered = [] }: Pick<Model, 'name' | 'sortable' | 'filtered'>): Index[] {
  const looked = columns.filter(({ property }) => filtered.includes(property.name)).slice(0, MOST_FILTERED)
  const index = (property: string, use: string, keys: readonly string[], but: readonly Column[]): Index => {
    const indexName = nameOfIndex(model, use)
    const others = looked.filter((column) => !but.includes(column)).map(({ name, digest }) => digest(name))
    return { name: indexName, property, creation: `create index if not exists ${pg.escapeIdentifier(indexName)} on ${name} (${[...keys, ...others].join(', ')})` }
  }
  return [
    ...columns.filter(({ property }) => sortable.includes(property.name)).flatMap((column) => {
      const { property: { name }, keys } = column
      const [first = '', ...rest] = keys(column.name)
      if (rest.length > 0) return [index(name, `${name}_start`, [first], [column])]
      // There is one for each direction, because in both the records that tie are in the order of their keys. The primary key is one, too.
      const ties = key.filter((other) => other !== column).map(({ name }) => name)
      return [
        ...column === key[0] ? [] : [index(name, `${name}_asc`, [first, ...ties], [column, ...key])],
        ...column === key[0] && ties.length === 0 ? [] : [index(name, `${name}_desc`, [`${first} desc`, ...ties], [column, ...key])]
      ]
    }),
    ...looked.some((column) => !key.includes(column)) ? [index('', 'filters', key.map(({ name }) => name), key)] : []
  ]
}

/** The statements that make the table and its indexes. */
export function creationOf (table: Table, model: Model): string[] {
  const constraints = [`primary key (${table.key.map(({ name }) => name).join(', ')})`, ...model.unique.map(uniqueOf)]
  return [
    `create table ${table.name} (${[...table.columns.map((column) => definitionOf(column, model)), ...constraints].join(', ')})`,
    ...indexesOf(table, model).map(({ creation }) => creation)
  ]
}

/** The constraint that no two records have the same values of some properties. */
export const uniqueOf = (properties: readonly string[]): string => `unique (${properties.map(quote).join(', ')})`

/** The definition of a column in the statement that makes the table. */
export function definitionOf ({ name, type, property }: Column, { ids, key }: Pick<Model, 'ids' | 'key'>): string {
  const check = checkOf(name, property)
  return [
    `${name} ${type}`,
    // The sequence alone gives numbers: one that somebody had chosen before would be given twice.
    ...ids === 'counter' && key.includes(property.name) ? ['generated always as identity (start with 0 minvalue 0)'] : mayLack(property) ? [] : ['not null'],
    ...ids === 'uuid' && key.includes(property.name) ? ['default gen_random_uuid()'] : defaultOf(type, property.schema),
    ...check === undefined ? [] : [check.definition]
  ].join(' ')
}

function defaultOf (type: string, { default: value }: Keywords): string[] {
  if (value === undefined || value === null) return []
  if (type.endsWith('[]')) return [`default array[${[value].flat().map(literal).join(', ')}]::${type}`]
  return [`default ${literal(type.startsWith('json') ? JSON.stringify(value) : value)}`]
}

/** The name of the column that numbers the rows of a list from 1 on, and those of the others: no property has such a name. */
export const PLACE = '#'
const nameGiven = (_column: Column, i: number): string => `"${PLACE}${i}"`

/** How long, in milliseconds, what writes several records may wait for what another has locked, because all of them wait with it. */
export const SHORT_LOCK_TIMEOUT = 100

/** The statements that read and write one record: the values of its key come first, then those of the columns. */
export function statementsOf ({ name, columns, key, written, selected }: Table, receipts: Pick<ReceiptsTable, 'mark' | 'isMarked'>) {
  const names = written.map(({ name }) => name).join(', ')
  const places = (first: number) => written.map((_, i) => `$${i + first}`).join(', ')
  const keys = key.map(({ name }) => name).join(', ')
  const where = `where ${key.map(({ name, cast }, i) => `${name} = $${i + 1}::${cast}`).join(' and ')}`
  const insert = `insert into ${name} (${names}) values (${places(1)})`
  const returning = `returning ${selected}`
  const place = `"${PLACE}"`
  const given = (columns: readonly Column[]) => `rows from (json_to_recordset($1) as (${columns.map(({ name, cast }) => `${name} ${cast}`).join(', ')}))
    with ordinality as given (${[...columns.map(nameGiven), place].join(', ')})`
  const isAmong = `where (${keys}) in (select * from unnest(${key.map(({ cast }, i) => `$${i + 1}::${cast}[]`).join(', ')}))`
  const givenOf = (column: Column) => `given.${nameGiven(column, columns.indexOf(column))}`
  return {
    get: prepared(`select ${selected} from ${name} ${where}`),
    /** The same for several records: for each column of the key, a list of their values. */
    getMany: prepared(`select ${selected} from ${name} ${isAmong}`),
    /** The same, which no other write changes before the end of the transaction. */
    lock: prepared(`select ${selected} from ${name} ${where} for update`),
    /** The same for several records: those that another has locked are left out, so that two that lock several never wait for each other. */
    lockMany: prepared(`select ${selected} from ${name} ${isAmong} for update skip locked`),
    insert: prepared(`${insert} ${returning}`),
    /** The same for the records of a list as JSON. Each row says, unlike those of an INSERT, which of them it is. */
    insertMany: prepared(`merge into ${name} using (select given.* from (select set_config('lock_timeout', '${SHORT_LOCK_TIMEOUT}', true)) as limits, ${given(written)}) as given on false
      when not matched then insert (${names}) values (${written.map(nameGiven).join(', ')}) returning ${place}, ${selected}`),
    /** The same, where there is no record with this key; gives no row where there is one. */
    insertNew: prepared(`${insert} on conflict (${keys}) do nothing ${returning}`),
    update: prepared(`update ${name} set (${names}) = row (${places(key.length + 1)}) ${where} ${returning}`),
    /** The same for the records of a list as JSON, with their keys. */
    updateMany: prepared(`update ${name} set (${names}) = row (${written.map(givenOf).join(', ')}) from ${given(columns)}
      where ${key.map((column) => `${name}.${column.name} = ${givenOf(column)}`).join(' and ')} ${returning}`),
    /** Marks the table as one that had records, because it may have none from then on. */
    delete: prepared(`with deleted as (delete from ${name} ${where}) ${receipts.mark}`),
    deleteMany: prepared(`with deleted as (delete from ${name} ${isAmong}) ${receipts.mark}`),

    /** Fails where records cannot be read. */
    probe: { text: `select ${selected} from ${name} limit 0` },

    lockTable: { text: `lock table ${name}` },
    /** Asks, given the table's name, whether its sequence is ours, and whether it never had a record. Only the owner of a sequence can ask what it has given. */
    state: {
      text: `select owned, case when owned then pg_sequence_last_value(pg_get_serial_sequence($1, 'id')::regclass) is null
        else not exists (select from ${name}) and not ${receipts.isMarked} end as untouched
        from (select pg_has_role(relowner, 'usage') and exists (select from pg_attribute where attrelid = pg_class.oid and attname = 'id' and attidentity <> '') as owned
          from pg_class where oid = to_regclass($1)) as ownership`
    },
    /** Makes a new sequence, though sequences stand outside of transactions: if this one fails, no id was ever given. */
    restartIds: { text: `alter table ${name} alter column ${keys} restart` }
  }
}

/** The values of a record, one for each column. */
export function valuesOf (columns: readonly Column[], fields: Fields): unknown[] {
  return columns.map((column) => toValue(column, fields[column.property.name]))
}

const MOST_BIGINT = '9223372036854775807'
const LEAST_BIGINT = '-9223372036854775808'

/** A property's value, as the driver takes it. */
export function toValue ({ type, cast }: Column, value: unknown): unknown {
  // A cursor may stand beyond all that the column can have.
  if (cast === 'bigint' && Math.abs(Number(value)) >= 2 ** 63) return Number(value) > 0 ? MOST_BIGINT : LEAST_BIGINT
  return type.startsWith('json') && value !== undefined && value !== null ? JSON.stringify(value) : value
}

/** The function that makes a record of a row: where the column of an optional property has no value, the record has no such property. */
export function rowReader ({ columns }: Table): (row: Item) => Item {
  const optional = columns.filter(({ property }) => property.isOptional).map(({ property }) => property.name)
  if (optional.length === 0) return (row) => row
  return (row) => Object.fromEntries(Object.entries(row).filter(([property, value]) => value !== null || !optional.includes(property)))
}
