import { LIST, type Fields } from '../languages.js'

/**
 * The records of a store that has many. Their ids are in the order of their years, their names are in another, and all tie
 * on what they contributed: a filter and an order that agree, that have nothing to do with each other, and that decide nothing.
 */
export function makeRecord (id: number, count: number): Fields {
  return {
    name: `language ${String(id * STEP % count).padStart(7, '0')}`,
    publication_year: FIRST_YEAR + Math.floor(id * YEARS / count),
    contribution: 'what each of them brought'
  }
}

export const makeRecords = (count: number): Fields[] => Array.from({ length: count }, (_, id) => makeRecord(id, count))

/** The statements that put the same records into a table without any. */
export function fillingOf (count: number): string[] {
  return [
    `insert into ${TABLE} (name, publication_year, contribution)
     select 'language ' || lpad((id * ${STEP} % ${count})::text, 7, '0'), ${FIRST_YEAR} + id * ${YEARS} / ${count}, 'what each of them brought'
     from generate_series(0, ${count - 1}::bigint) as id order by id`,
    `vacuum analyze ${TABLE}`
  ]
}

export const TABLE = LIST.slice(1)

export const FIRST_YEAR = 1900
export const YEARS = 126

/** A prime, so that each name is there once. */
const STEP = 7919
