import type { Entry, Value } from './store.js'

/** A place in an index, comparable to another with `<`; good until the next write. */
export type Position = number | string

/** Entries in the order of one property, then of their ids, to be read. */
export interface OrderedIndex<P extends Position> {
  readonly property: string
  /**
   * Whether the index tells every two values apart. One that does not keeps only the beginning of a long text: where two
   * begin the same, their entries are in the order of the ids, as if the values were equal.
   */
  readonly exact: boolean
  /** The first place that is not before this value and id; an infinite id stands before or after all of the value. */
  seek (value: Value, id: number): P
  /** The value at a place, or what the index keeps of it. */
  valueAt (position: P): Value | undefined
  next (position: P): P
  previous (position: P): P
  /** The entries from a place up to, but not including, another, some at a time. */
  chunks (from: P, to: P): Iterable<readonly Entry[]>
  /** About how many entries lie between two places; infinitely many where there are too many to count. */
  estimate (from: P, to: P): number
  /** The place of the first entry. */
  start (): P
  /** The place after the last entry. */
  end (): P
}
