import { compareValues, valueOf } from './order.js'
import type { Entry, Value } from './store.js'

/** A place in an index, comparable to another with `<`; good until the next write. */
export type Position = number

/** Entries in the order of one property, then of their ids. Everything takes logarithmic time, but `count`. */
export interface SortedIndex {
  readonly property: string
  insert (entry: Entry): void
  remove (entry: Entry): void
  /** Puts one entry in the place of another with the same id. */
  replace (old: Entry, entry: Entry): void
  /** The first place that is not before this value and id; an infinite id stands before or after all of the value. */
  seek (value: Value, id: number): Position
  at (position: Position): Entry | undefined
  next (position: Position): Position
  previous (position: Position): Position
  /** How many entries lie between two places: a sum over the blocks between them. */
  count (from: Position, to: Position): number
  /** The place after the last entry; the first entry is at 0. */
  end (): Position
}

/** The most entries in a block: small enough to shift cheaply, large enough that there are few blocks. */
const BLOCK_SIZE = 512

/**
 * A list of sorted blocks. A place is found by a binary search for the block and another within it; a write
 * shifts at most one block; a full block is split. A position packs a block's number and an offset in it.
 */
export function createSortedIndex (property: string): SortedIndex {
  const blocks: Entry[][] = [[]]

  function insert (entry: Entry): void {
    const position = search(valueOf(entry.item, property), entry.item.id)
    const number = blockOf(position)
    const block = blockAt(number)
    block.splice(offsetOf(position), 0, entry)
    if (block.length > BLOCK_SIZE) split(number, block)
  }

  function remove (entry: Entry): void {
    const position = placeOf(entry)
    const number = blockOf(position)
    const block = blockAt(number)
    block.splice(offsetOf(position), 1)
    if (block.length === 0 && blocks.length > 1) blocks.splice(number, 1)
  }

  function replace (old: Entry, entry: Entry): void {
    if (compareValues(valueOf(old.item, property), valueOf(entry.item, property)) === 0) {
      const position = placeOf(old)
      blockAt(blockOf(position))[offsetOf(position)] = entry
    } else {
      remove(old)
      insert(entry)
    }
  }

  const placeOf = ({ item }: Entry): Position => seek(valueOf(item, property), item.id)

  function seek (value: Value, id: number): Position {
    const position = search(value, id)
    return offsetOf(position) < blockAt(blockOf(position)).length ? position : pack(blockOf(position) + 1, 0)
  }

  /** Where to insert: like `seek`, but at the end of a block rather than at the start of the next. */
  function search (value: Value, id: number): Position {
    const number = Math.max(0, partition(blocks.length, (i) => precedes(blocks[i]?.[0], value, id)) - 1)
    const block = blockAt(number)
    return pack(number, partition(block.length, (i) => precedes(block[i], value, id)))
  }

  function precedes (entry: Entry | undefined, value: Value, id: number): boolean {
    if (entry === undefined) return false
    const sign = compareValues(valueOf(entry.item, property), value)
    return sign === 0 ? entry.item.id < id : sign < 0
  }

  function split (number: number, block: Entry[]): void {
    // Ascending inserts, as of ids, leave full blocks behind them.
    const half = number === blocks.length - 1 ? BLOCK_SIZE : BLOCK_SIZE / 2
    blocks.splice(number + 1, 0, block.splice(half))
  }

  const blockAt = (number: number): Entry[] => blocks[number] ?? []

  const at = (position: Position) => blocks[blockOf(position)]?.[offsetOf(position)]

  const next = (position: Position) =>
    offsetOf(position) + 1 < blockAt(blockOf(position)).length ? position + 1 : pack(blockOf(position) + 1, 0)

  const previous = (position: Position) =>
    offsetOf(position) > 0 ? position - 1 : pack(blockOf(position) - 1, blockAt(blockOf(position) - 1).length - 1)

  function count (from: Position, to: Position): number {
    if (from >= to) return 0
    let sum = offsetOf(to) - offsetOf(from)
    for (let number = blockOf(from); number < blockOf(to); number++) sum += blockAt(number).length
    return sum
  }

  return { property, insert, remove, replace, seek, at, next, previous, count, end: () => pack(blocks.length, 0) }
}

/** More than a block ever holds. */
const SPAN = 1024

const pack = (block: number, offset: number): Position => block * SPAN + offset
const blockOf = (position: Position) => Math.floor(position / SPAN)
const offsetOf = (position: Position) => position % SPAN

/** The first of `length` places at which `precedes` no longer holds. */
function partition (length: number, precedes: (index: number) => boolean): number {
  let low = 0
  let high = length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (precedes(middle)) low = middle + 1
    else high = middle
  }
  return low
}
