import type { Launch } from './program.js'
import type { Random } from './random.js'

/** The content of a record, its properties in the order of the schema; what is undefined is not there. */
export type Fields = Readonly<Record<string, unknown>>

/** All that the torture knows of a resource. */
export interface Resource {
  /** The path of its list. */
  readonly list: string
  /** The member of a page that has the records. */
  readonly plural: string
  /** How a server of it is started. */
  readonly launch: Launch
  /** The record's own properties that identify it, if they do: then clients choose them, PUT creates, and what was deleted may come back. */
  readonly key?: readonly string[]
  /** The properties that stay when a client changes all others by a patch, and so makes it certain that what was there before is looked at. */
  readonly kept: readonly string[]
  /** What no two records may have the same of. */
  readonly unique: readonly (readonly string[])[]
  /** Orders of lists, as `-year,name`. The first is the one without `sort`, backwards. */
  readonly sorts: readonly [string, ...string[]]
  /** What a writer makes of the record of this name, which no other has: with name, version and writer in its text, so that what is half of one write and half of another is seen. */
  makeFields (name: string, version: number, writer: string): Fields
  /** The values of what is unique, which are the same for the same number. */
  makeUnique (properties: readonly string[], number: number): Fields
  /** A body that makes these fields, maybe in other words. */
  toBody (fields: Fields): Fields
  nameOf (record: Fields): string
  pathOf (record: Fields): string
  /** Paths of records that nobody made, where these are the paths of all that somebody did. */
  strangers (paths: readonly string[]): readonly string[]
  /** Filters of a list, and what each lets pass. */
  filters (records: readonly Fields[], random: Random): readonly Filter[]
}

export type Filter = readonly [query: string, passes: (record: Fields) => boolean]

/** How many records a new store starts with, which all clients share. */
export const SHARED = 8

export const sharedName = (i: number): string => `shared-${i}`

/** The text of a record that the server gave an id, which comes before what the client sent. */
export const withId = (id: unknown, text: string): string => id === undefined ? text : JSON.stringify({ id, ...JSON.parse(text) })
