import type { Static, TObject, TProperties } from '@sinclair/typebox'
import type { FastifyRequest, RouteShorthandOptions } from 'fastify'
import type { FilterDefinitions } from './filters.js'
import type { PageLimits } from './parameters.js'
import type { ScalarName } from './property.js'

/** The properties of a record; those that clients write, and those that the server gives. */
export type Fields = Readonly<Record<string, unknown>>

/** A record of any resource. */
export type Item = Fields

/**
 * What identifies a record: a number of the store's counter, from 0 on; a UUID (version 7) that the server makes; or properties of its own,
 * which never change, and are segments of its path. Where the server gives it, it is in the record as `id`.
 */
export type IdDefinition<P extends TProperties> = 'counter' | 'uuid' | readonly [ScalarName<P>, ...ScalarName<P>[]]

/** A record as answers show it. */
export type RecordOf<P extends TProperties, I> = (I extends 'counter' ? { id: number } : I extends 'uuid' ? { id: string } : unknown) & Static<TObject<P>>

/** The six operations of a resource. */
export type OperationName = 'list' | 'create' | 'view' | 'replace' | 'update' | 'remove'

/** What an operation has beside what it is: Fastify's own options of a route, of whose schema only what documents more (`security`, other `response`s) is looked at. */
export type OperationOptions = Omit<RouteShorthandOptions, 'schema'> & { schema?: { security?: readonly Readonly<Record<string, readonly string[]>>[], response?: Readonly<Record<number, unknown>> } }

/** A write, as `onWrite` sees it. */
export interface Write<R> {
  /** The record as it is; undefined where there is none yet. */
  readonly current: R | undefined
  /** The record as the request would have it, with the properties that the server gives as they are. A new one has no `id` of a counter yet. */
  readonly next: R
  readonly request: FastifyRequest
}

/** A resource as a person defines it; `defineResource` derives the rest. */
export interface Definition<P extends TProperties, I extends IdDefinition<P>, F extends FilterDefinitions<P, F>> {
  /** The name of one record, in snake case. The components of the documentation are named after it, and the path parameter of an id. */
  name: string
  /** The name of several records, in snake case. The path, the member of the list and the table are named after it. */
  plural: string
  /** One sentence, for the documentation. */
  description: string
  /** The properties, in the order in which they are sent; an `id` that the server gives comes before them by itself. Those that are `readOnly`, `onWrite` alone sets. */
  properties: P
  /** What identifies a record. Default: `counter`. */
  id?: I
  /** The query parameters of the list that keep only some records: of a property, some operators, or one with a name of its own. Default: none. */
  filters?: F
  /** The properties that a list can be sorted by, beside those that identify a record. Default: every one with values that can be compared. */
  sortable?: readonly ScalarName<P>[]
  /** Properties of which no two records have the same values. A record that lacks one of them is not compared. Default: none. */
  unique?: readonly (readonly [ScalarName<P>, ...ScalarName<P>[]])[]
  /** The records of a new store. The first is the example of the documentation. Default: none. */
  records?: readonly Static<TObject<P>>[]
  /** How many records a page has where the request does not say, and at most. Default: 100, and 1000. */
  page?: PageLimits
  /** Which operations there are, and what they have beside: `false` for one that there is not. Default: all, as they are. */
  operations?: { readonly [O in OperationName]?: OperationOptions | false }
  /**
   * Runs within the step of each write, after everything that clients send was checked: returns the record to keep, or throws a problem. It must be
   * synchronous, and may be called again for the same request. Properties that identify the record stay as they are.
   */
  onWrite?(write: Write<RecordOf<P, I>>): Static<TObject<P>>
}
