import type { Stretch } from '../conditions.js'
import type { Entry, Value } from '../store.js'

/** Entries in the order of one property, then of their ids, to be read. */
export interface OrderedIndex {
  /** The property; empty for the ids, where they are of several. */
  readonly property: string
  /**
   * The most code units that the index keeps of a text; Infinity where it keeps all of each. Where the beginnings of two longer
   * ones are the same, their entries are in the order of the ids, as if the texts were equal.
   */
  readonly longest: number
  /** The key that the index keeps of a value: all of it, or the beginning of a long text. */
  keyOf (value: Value): Value
  /** The first entries of a stretch, or the last ones in descending order: at most so many. */
  read (stretch: Stretch, most: number, descending: boolean): readonly Entry[]
}

/** An index that writes keep. */
export interface WritableIndex extends OrderedIndex {
  insert (entry: Entry): void
  remove (entry: Entry): void
  /** Puts one entry in the place of another with the same id. */
  replace (old: Entry, entry: Entry): void
}
