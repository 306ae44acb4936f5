import pg from 'pg'
import { mayLack } from '../../schemas/property.js'
import type { Model } from '../store.js'
import { checkOf, isCheckName } from './checks.js'
import type { Statement } from './connections.js'
import { definitionOf, indexesOf, namesOfIndexes, uniqueOf, type Column, type Table } from './table.js'
import { holdsAll } from './types.js'

/** A table that is there, or a view. */
export interface Relation {
  readonly isTable: boolean
  /** Whether its database can say which rows of a list a MERGE has made: from version 17 of PostgreSQL on. */
  readonly mergesReturn: boolean
  readonly columns: readonly ExistingColumn[]
  readonly indexes: readonly ExistingIndex[]
  readonly checks: readonly ExistingCheck[]
}

interface ExistingColumn {
  readonly property: string
  readonly type: string
  /** A required column cannot be null, and to a given one the database gives values, as it does to that of an id. */
  readonly required: boolean
  readonly given: boolean
}

interface ExistingIndex {
  readonly name: string
  /** True where no two records may have the same values in it. */
  readonly isUnique: boolean
  readonly properties: readonly string[]
}

/** A constraint of one column. */
interface ExistingCheck {
  readonly name: string
  readonly property: string
}

/** A subquery that gives the rows of another as a list. */
const listOf = (query: string) => `(select coalesce(json_agg(found), '[]') from (${query}) as found)`

/** Asks for the relation with a name. */
export const RELATION: Statement = {
  text: `select relkind in ('r', 'p') as "isTable", current_setting('server_version_num')::int >= 170000 as "mergesReturn",
    ${listOf(`select attname as property, repeat('GENERATED ', (attgenerated <> '')::int) || format_type(atttypid, atttypmod)
        || coalesce(' COLLATE ' || quote_ident(collname) || repeat(' (nondeterministic)', (not collisdeterministic)::int), '') as type, attnotnull as required, atthasdef or attidentity <> '' as given
      from pg_attribute left join pg_collation on pg_collation.oid = attcollation and collname <> 'default'
      where attrelid = to_regclass($1) and attnum > 0 and not attisdropped`)} as columns,
    ${listOf(`select relname as name, indisunique and indpred is null and indexprs is null as "isUnique", array(
        select (select attname from pg_attribute where attrelid = indrelid and attnum = key) from unnest(indkey) with ordinality as keys (key, place)
        where place <= indnkeyatts
      ) as properties
      from pg_index join pg_class on pg_class.oid = indexrelid where indrelid = to_regclass($1) and indisvalid`)} as indexes,
    ${listOf(`select conname as name, attname as property from pg_constraint join pg_attribute on attrelid = conrelid and conkey = array[attnum]
      where conrelid = to_regclass($1) and contype = 'c'`)} as checks
  from pg_class where oid = to_regclass($1)`
}

/** What becomes of a table. */
export interface Growth {
  /** What about it does not fit the records, each with what to do. */
  readonly faults: readonly string[]
  /** The statements that change it, which happen together, and those that make its indexes then. */
  readonly changes: readonly string[]
  readonly creations: readonly string[]
}

/**
 * Finds what a table lacks that may be added while it is in use, and what else about it does not fit.
 * It may have more columns, if they can be left out. Whoever made a table by hand, or a view, chose its indexes.
 */
export function growthOf (table: Table, model: Model, { isTable, columns, indexes, checks }: Relation): Growth {
  const { name, key } = table
  const alter = (action: string) => `alter table ${name} ${action}`
  const found = new Map(columns.map((column) => [column.property, column]))
  const missing = table.columns.filter(({ property }) => !found.has(property.name))
  const isUnique = (properties: readonly string[]) => indexes.some((index) => index.isUnique && isSameSet(index.properties, properties))
  const own = indexesOf(table, model)
  // Text that may be longer than before does not fit in the index that it had.
  const unfit = indexes.filter(({ name }) => own.every((index) => index.name !== name) && own.some(({ property }) => namesOfIndexes(model.name, property).includes(name)))
  const hasOwn = unfit.length > 0 || own.some(isMade)
  // One statement has a lock on the table once, and looks at its rows once.
  const altering = [
    ...missing.map((column) => `add column ${definitionOf(column, model)}`),
    ...table.columns.flatMap(checkChangesOf),
    ...isTable ? model.unique.filter((properties) => !isUnique(properties)).map((properties) => `add ${uniqueOf(properties)}`) : []
  ]

  return {
    faults: [
      ...missing.filter((column) => !canBeAdded(column)).map(({ property, type }) =>
        `it has no column ${property.name} of the type ${type}: add it, or make the property optional or give it a default, and it will be added`),
      ...table.columns.flatMap((column) => faultsOf(column, found.get(column.property.name))),
      ...columns.filter(({ property, required, given }) => required && !given && !table.columns.some((column) => column.property.name === property))
        .map(({ property, type }) => `the schema has no property for its column ${property} of the type ${type}, which must have a value: give it a default, or drop it`),
      ...isTable && !isUnique(model.key) ? [`it has no primary key of ${model.key.join(' and ')}: ${alter(`add primary key (${key.map(({ name }) => name).join(', ')})`)}`] : []
    ],
    changes: [
      ...altering.length > 0 ? [alter(altering.join(', '))] : [],
      ...unfit.map((index) => `drop index ${pg.escapeIdentifier(index.name)}`)
    ],
    creations: own.filter((index) => !isMade(index) && (hasOwn || missing.some(({ property }) => property.name === index.property))).map(({ creation }) => creation)
  }

  function isMade (index: { name: string }): boolean {
    return indexes.some(({ name }) => name === index.name)
  }

  /** Whoever made a column by hand chose its checks: only those of an earlier schema are replaced. */
  function checkChangesOf ({ property, name }: Column): string[] {
    const wanted = checkOf(name, property)
    const made = checks.filter((check) => check.property === property.name && isCheckName(check.name))
    if (made.every((check) => check.name === wanted?.name)) return []
    return [...made.map(({ name }) => `drop constraint ${pg.escapeIdentifier(name)}`), ...wanted === undefined ? [] : [`add ${wanted.definition}`]]
  }

  function faultsOf ({ property, name, type }: Column, existing: ExistingColumn | undefined): string[] {
    if (existing === undefined) return []
    const column = `its column ${property.name}`
    const isCounter = model.ids === 'counter' && model.key.includes(property.name)
    return [
      ...existing.type === type || holdsAll(type, existing.type, property, isCounter)
        ? []
        : [`${column} has the type ${existing.type}, not ${type}: ${alter(`alter column ${name} type ${type}`)}`],
      ...!isTable || existing.required !== mayLack(property)
        ? []
        : [existing.required
            ? `${column} may not be null, but the property may be absent: ${alter(`alter column ${name} drop not null`)}`
            : `${column} may be null: make the property optional, or ${alter(`alter column ${name} set not null`)}`],
      ...!isTable || !isCounter || existing.given ? [] : [`${column} is not generated: ${alter(`alter column ${name} add generated by default as identity`)}`]
    ]
  }
}

/** Whether the records that are there can do without a value, or get one. */
const canBeAdded = ({ property }: Column): boolean => mayLack(property) || 'default' in property.schema

export const isSameSet = (some: readonly string[], others: readonly string[]): boolean =>
  some.length === others.length && some.every((one) => others.includes(one))
