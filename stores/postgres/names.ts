import { hash } from 'node:crypto'
import pg from 'pg'

/** PostgreSQL cuts names that are longer. */
const isLong = (name: string): boolean => Buffer.byteLength(name) > 63

/** A name that PostgreSQL does not cut, for something that nobody looks for by its name. */
export const shorten = (name: string): string => isLong(name) ? hash('sha256', name).slice(0, 32) : name

/** A name in SQL. Throws where PostgreSQL would cut it. */
export function quote (name: string): string {
  if (isLong(name)) throw new Error(`PostgreSQL has no room for the name ${name}, of more than 63 bytes`)
  return pg.escapeIdentifier(name)
}
