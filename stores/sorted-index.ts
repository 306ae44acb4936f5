import { compareValues, isBefore, valueOf } from './order.js'
import type { OrderedIndex } from './ordered-index.js'
import type { Entry, Value } from './store.js'

/** A block's number and an offset in it, packed. */
export type Position = number

/**
 * An index in memory. Everything takes logarithmic time at most. An estimate is exact within a block, and else half of
 * what there is or twice as much at most.
 */
export interface SortedIndex extends OrderedIndex<Position> {
  at (position: Position): Entry | undefined
  insert (entry: Entry): void
  remove (entry: Entry): void
  /** Puts one entry in the place of another with the same id. */
  replace (old: Entry, entry: Entry): void
}

/** The most entries in a block: small enough to shift cheaply, large enough that there are few blocks. */
const BLOCK_SIZE = 256

/**
 * An index of some entries, which come in the order of their ids, as a list of sorted blocks. A place is found by a
 * binary search for the block and another within it; a write shifts at most one block; a full block is split.
 */
export function createSortedIndex (property: string, entries: Iterable<Entry> = []): SortedIndex {
  const blocks = toBlocks(sort(entries, property))
  /** The value of the first entry of each block, so that the search for a block looks at no entry. */
  const firsts = blocks.map(firstOf)

  function insert (entry: Entry): void {
    const position = search(valueOf(entry.item, property), entry.item.id)
    const number = blockOf(position)
    const block = blockAt(number)
    block.splice(offsetOf(position), 0, entry)
    if (offsetOf(position) === 0) firsts[number] = firstOf(block)
    if (block.length > BLOCK_SIZE) split(number, block)
  }

  function remove (entry: Entry): void {
    const position = placeOf(entry)
    const number = blockOf(position)
    const block = blockAt(number)
    block.splice(offsetOf(position), 1)
    if (block.length === 0 && blocks.length > 1) {
      blocks.splice(number, 1)
      firsts.splice(number, 1)
    } else if (offsetOf(position) === 0) {
      firsts[number] = firstOf(block)
    }
  }

  function replace (old: Entry, entry: Entry): void {
    if (valueOf(old.item, property) === valueOf(entry.item, property)) {
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
    const number = searchBlocks(value, id)
    return pack(number, searchBlock(blockAt(number), value, id))
  }

  /** The last block that starts before this value and id, or the first one. */
  function searchBlocks (value: Value, id: number): number {
    let low = 0
    let high = blocks.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const first = firsts[middle]
      if (first !== undefined && (first === value ? precedes(blocks[middle]?.[0], value, id) : isBefore(first, value))) low = middle + 1
      else high = middle
    }
    return Math.max(0, low - 1)
  }

  /** The first place in a block that is not before this value and id. */
  function searchBlock (block: readonly Entry[], value: Value, id: number): number {
    // What comes in ascending order, as ids do, is at the end.
    if (precedes(block.at(-1), value, id)) return block.length
    let low = 0
    let high = block.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (precedes(block[middle], value, id)) low = middle + 1
      else high = middle
    }
    return low
  }

  function precedes (entry: Entry | undefined, value: Value, id: number): boolean {
    if (entry === undefined) return false
    const own = valueOf(entry.item, property)
    return own === value ? entry.item.id < id : isBefore(own, value)
  }

  function split (number: number, block: Entry[]): void {
    // Ascending inserts leave full blocks behind them.
    const half = number === blocks.length - 1 ? BLOCK_SIZE : BLOCK_SIZE / 2
    // Copies, because an array that was filled one by one has room for more.
    const [left, right] = [block.slice(0, half), block.slice(half)]
    blocks.splice(number, 1, left, right)
    firsts.splice(number, 1, firstOf(left), firstOf(right))
  }

  function firstOf ([first]: readonly Entry[]): Value | undefined {
    return first && valueOf(first.item, property)
  }

  const blockAt = (number: number): Entry[] => blocks[number] ?? []

  const at = (position: Position) => blocks[blockOf(position)]?.[offsetOf(position)]

  function valueAt (position: Position): Value | undefined {
    const entry = at(position)
    return entry && valueOf(entry.item, property)
  }

  const next = (position: Position) =>
    offsetOf(position) + 1 < blockAt(blockOf(position)).length ? position + 1 : pack(blockOf(position) + 1, 0)

  const previous = (position: Position) =>
    offsetOf(position) > 0 ? position - 1 : pack(blockOf(position) - 1, blockAt(blockOf(position) - 1).length - 1)

  function * chunks (from: Position, to: Position): Generator<readonly Entry[]> {
    for (let number = blockOf(from); number <= blockOf(to); number++) {
      const start = number === blockOf(from) ? offsetOf(from) : 0
      const end = number === blockOf(to) ? offsetOf(to) : BLOCK_SIZE
      yield blockAt(number).slice(start, end)
    }
  }

  const estimate = (from: Position, to: Position) =>
    Math.max(0, (blockOf(to) - blockOf(from)) * BLOCK_SIZE + offsetOf(to) - offsetOf(from))

  const start = () => 0

  const end = () => pack(blocks.length, 0)

  return { property, exact: true, insert, remove, replace, seek, at, valueAt, next, previous, chunks, estimate, start, end }
}

/** More than a block ever holds. */
const SPAN = 512

const pack = (block: number, offset: number): Position => block * SPAN + offset
const blockOf = (position: Position) => Math.floor(position / SPAN)
const offsetOf = (position: Position) => position % SPAN

/** Puts entries in the order of a property; those with the same value stay in the order that they have. */
function sort (entries: Iterable<Entry>, property: string): Entry[] {
  return Array.from(entries, (entry) => ({ entry, value: valueOf(entry.item, property) }))
    .sort((a, b) => compareValues(a.value, b.value))
    .map(({ entry }) => entry)
}

/** At least one, and none of them full, so that the next writes need not split them all. */
function toBlocks (entries: readonly Entry[]): Entry[][] {
  const length = BLOCK_SIZE * 3 / 4
  return Array.from({ length: Math.ceil(entries.length / length) || 1 }, (_, i) => entries.slice(i * length, (i + 1) * length))
}
