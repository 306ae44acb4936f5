import type { Property } from '../schemas/property.js'
import type { Fields, Item, Operator } from '../schemas/resource.js'

/** The value of a property by which records can be compared: null where a record has none. */
export type Value = string | number | boolean | null

/** The value by which a store knows a record. */
export type Id = string | number

/** A record as a store keeps it, with the representation that was made at the write. It is never changed: a write makes another. */
export interface Entry {
  readonly id: Id
  readonly item: Item
  /** The record as JSON text. */
  readonly body: string
  /** The entity-tag of the text: it changes when the text does, and only then. */
  readonly etag: string
}

/** A write that is to happen once, however often it is asked for. */
export interface Once {
  /** A digest of what the client chose and who it is: the same for each attempt. */
  readonly key: string
  /** The same for each attempt at one request, and another for every other request. */
  readonly fingerprint: string
}

/** The entry that an earlier write with the same key made, as it was then. */
export interface Receipt extends Entry {
  /** The fingerprint of the request that made it. */
  readonly fingerprint: string
}

/** The description of the records that a store keeps. */
export interface Model {
  /** The name of several records, in snake case. */
  readonly name: string
  /** The properties of a record, in the order in which they are sent. */
  readonly properties: readonly Property[]
  /** Who gives the ids: the store's counter, from 0 on; the store, as UUIDs; or whoever makes a record, with properties of its own. */
  readonly ids: 'counter' | 'uuid' | 'own'
  /** The properties that identify a record, in their order: `id` where the store gives it. */
  readonly key: readonly string[]
  /** Properties of which no two records may have the same values, where they have all of them. */
  readonly unique: readonly (readonly string[])[]
  /** The properties that a list can be filtered and sorted by, the key's among them. */
  readonly sortable: readonly string[]
  /** The sortable properties that filters look at: a store may make its indexes fit for them. Default: none. */
  readonly filtered?: readonly string[]
  /** Makes the entry of a record: the same record, the same entry, in every process. */
  represent (item: Item): Entry
}

/** A condition that a record must satisfy. Null is after every other value, in conditions as in orders. */
export type Condition =
  | { readonly property: string, readonly operator: Exclude<Operator, 'in'>, readonly value: Value }
  | { readonly property: string, readonly operator: 'in', readonly value: readonly Value[] }

export interface SortKey {
  readonly property: string
  readonly descending: boolean
}

export interface Query {
  /** The conditions, each of which a record must satisfy. */
  readonly where: readonly Condition[]
  /** The sort keys, one after the other; the model's key, ascending, breaks what ties are left. Text is ordered by Unicode code point. */
  readonly order: readonly SortKey[]
  /** The properties of the order and of the key of the last record already seen, whether or not it is still there. */
  readonly after?: Item | undefined
  /** The most entries to find. */
  readonly limit: number
}

export interface Slice {
  /**
   * An array for the caller alone, who takes the entries out of it: a promise that has waited for long counts as old, and what it
   * gave would be in memory until V8 next looks through all that is old, for many long pages at once.
   */
  readonly entries: Entry[]
  /** True where more entries follow. */
  readonly more: boolean
}

/** The settings that every store takes. */
export interface StoreSettings {
  /** For how long, in seconds, the key of a write that happens once is remembered: ten years at most. Default: 24 hours. */
  readonly keyLifetime?: number
  /** How to wait for a database that is not up yet: everything fails with a `StoreUnavailable` meanwhile. Default: it must be up. */
  readonly waiting?: Waiting | undefined
}

/** How to wait for a store that is not up yet. */
export interface Waiting {
  /** For how many seconds to wait. */
  readonly seconds: number
  /** Where to say, every few seconds, that it waits. */
  readonly log: { info (line: string): void, warn (line: string): void }
  /** Is told why, where the store did not come up in time, or never will. */
  onGivenUp (reason: unknown): void
}

/** The longest that anybody may wait for a store, in seconds: a day. */
export const LONGEST_WAIT = 24 * 60 * 60

/** 24 hours, in seconds. */
export const KEY_LIFETIME = 24 * 60 * 60

/** Ten years: the clocks of all stores can tell what time it is then. */
export const LONGEST_KEY_LIFETIME = 10 * 365 * KEY_LIFETIME

export type Awaitable<T> = T | PromiseLike<T>

/**
 * Where records live. Each write is one atomic step: whatever else happens at the same time, the function that it
 * is given decides on the current record, and if that function throws, the write rejects (or throws) with the same
 * error and nothing has changed. A store answers at once or by a promise, as suits it.
 *
 * A write that is to happen `once` remembers its key in the same step, and what it made. The next with that key changes
 * nothing, decides nothing, and gives the receipt, whatever has become of the record since. One that failed remembers nothing.
 *
 * Every method may fail with a `StoreUnavailable` when what is behind the store cannot be reached just now.
 */
export interface Store {
  /** The record with this id, in constant time. */
  get (id: Id): Awaitable<Entry | undefined>
  /** The records that satisfy a query, in its order; the cost grows with what is found, not with what is skipped. */
  list (query: Query): Awaitable<Slice>
  /** How many records satisfy some conditions. */
  count (where: readonly Condition[]): Awaitable<number>
  /** Keeps a new record. Ids of the store count from 0, or are UUIDs, and none is given twice. `make` is called within the step. */
  create (make: Fields | (() => Fields), once?: Once): Awaitable<Entry | Receipt>
  /** Puts what `change` makes of the current entry in its place; undefined where there is none. */
  update (id: Id, change: (current: Entry) => Fields, once?: Once): Awaitable<Entry | Receipt | undefined>
  /** Puts what `decide` makes in the place of the current entry, or creates it where there is none. For records that are identified by properties of their own. */
  put (id: Id, decide: (current: Entry | undefined) => Fields): Awaitable<Entry>
  /** Removes the record for good, if `check` does not throw; says whether there was one. */
  delete (id: Id, check: (current: Entry) => void): Awaitable<boolean>
  /** A number that every write changes, whichever process made it; a store that cannot tell at once has none. */
  revision? (): number
  /** Creates these records in a store that has never held any; else does nothing. */
  seed (records: readonly Fields[]): Awaitable<void>
  /** Returns if the store can serve, and fails if it cannot. */
  ping (): Awaitable<void>
  /** Lets go of what the store holds open. */
  close (): Awaitable<void>
}

/** Thrown by a write that would give a record values that another has already, and no two may have. */
export class Duplicate extends Error {
  /** The properties; and the id of the other, where they are the key. */
  constructor (readonly properties: readonly string[], readonly id?: Id) {
    super(`another record has the same ${properties.join(' and ')}`)
    this.name = 'Duplicate'
  }
}

/** Thrown by a store that cannot be reached just now. */
export class StoreUnavailable extends Error {
  /** After how many seconds a client may try again. */
  readonly retryAfter: number

  constructor (message: string, { retryAfter = 1, cause }: { retryAfter?: number, cause?: unknown } = {}) {
    super(message, { cause })
    this.name = 'StoreUnavailable'
    this.retryAfter = retryAfter
  }
}

/** Thrown by a store, or for it, when a write with the same key is still under way. */
export class StillRunning extends Error {
  constructor (options?: ErrorOptions) {
    super('a request with this Idempotency-Key is still running', options)
    this.name = 'StillRunning'
  }
}
