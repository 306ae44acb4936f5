import { compareIds, type Stretch } from '../conditions.js'
import { rankOf, valueOf, type Rank } from '../order.js'
import type { WritableIndex } from '../local/ordered-index.js'
import type { Entry, Id } from '../store.js'

/** The most entries in a block: small enough to shift cheaply, large enough that there are few blocks. */
const BLOCK_SIZE = 256

/** Some of the entries, in order, and the rank of each one's value, so that a search looks at ranks alone. */
interface Block {
  readonly entries: Entry[]
  readonly ranks: Rank[]
}

/** A block's number and an offset in it, packed: positions in one index compare with `<`, until the next write. */
type Position = number

/**
 * An empty index: a list of sorted blocks. A position is found by a binary search for the block and another within it;
 * a write shifts at most one block; a full block is split.
 */
export function createSortedIndex (property: string, isText = false): WritableIndex {
  const rankEntry = ({ id, item }: Entry): Rank => rankOf(property === '' ? id : valueOf(item, property), isText)
  const blocks: Block[] = [{ entries: [], ranks: [] }]

  return { property, longest: Infinity, keyOf: (value) => value, read, insert, remove, replace }

  function read ({ from, to }: Stretch, most: number, descending: boolean): Entry[] {
    const start = from === undefined ? 0 : search(rankOf(from.value, isText), from.id, true)
    const end = to === undefined ? pack(blocks.length, 0) : search(rankOf(to.value, isText), to.id)
    const [firstBlock, lastBlock] = [blockOf(start), blockOf(end)]
    const found: Entry[] = []
    for (let number = descending ? lastBlock : firstBlock; firstBlock <= number && number <= lastBlock && found.length < most; number += descending ? -1 : 1) {
      const { entries } = blockAt(number)
      const first = number === firstBlock ? offsetOf(start) : 0
      const last = number === lastBlock ? offsetOf(end) : entries.length
      const left = most - found.length
      found.push(...descending ? entries.slice(Math.max(first, last - left), last).reverse() : entries.slice(first, Math.min(last, first + left)))
    }
    return found
  }

  function insert (entry: Entry): void {
    const rank = rankEntry(entry)
    const position = search(rank, entry.id)
    const number = blockOf(position)
    const block = blockAt(number)
    insertAt(block.entries, offsetOf(position), entry)
    insertAt(block.ranks, offsetOf(position), rank)
    if (block.entries.length > BLOCK_SIZE) split(number, block)
  }

  function remove (entry: Entry): void {
    const position = positionOf(entry)
    const number = blockOf(position)
    const block = blockAt(number)
    block.entries.splice(offsetOf(position), 1)
    block.ranks.splice(offsetOf(position), 1)
    if (block.entries.length === 0 && blocks.length > 1) blocks.splice(number, 1)
  }

  function replace (old: Entry, entry: Entry): void {
    if (rankEntry(old) === rankEntry(entry)) {
      const position = positionOf(old)
      blockAt(blockOf(position)).entries[offsetOf(position)] = entry
    } else {
      remove(old)
      insert(entry)
    }
  }

  /** Where an entry is that is here. */
  function positionOf (entry: Entry): Position {
    return search(rankEntry(entry), entry.id, true) - 1
  }

  /**
   * The first position that is not before a rank and an id, at the end of a block rather than at the start of the next; if
   * `past`, the first that is behind them.
   */
  function search (rank: Rank, id: Id, past = false): Position {
    const newest = blockAt(blocks.length - 1)
    // Entries that come in ascending order, as by their ids, go to the end.
    if (isBefore(newest, newest.entries.length - 1, rank, id, past)) return pack(blocks.length - 1, newest.entries.length)
    const number = Math.max(0, count(blocks.length, (i) => isBefore(blockAt(i), 0, rank, id, past)) - 1)
    const block = blockAt(number)
    return pack(number, count(block.entries.length, (i) => isBefore(block, i, rank, id, past)))
  }

  function split (number: number, { entries, ranks }: Block): void {
    // Ascending inserts leave full blocks behind them.
    const half = number === blocks.length - 1 ? BLOCK_SIZE : BLOCK_SIZE / 2
    // Copies, because an array that was filled one by one has room for more.
    blocks.splice(number, 1,
      { entries: entries.slice(0, half), ranks: ranks.slice(0, half) },
      { entries: entries.slice(half), ranks: ranks.slice(half) })
  }

  function blockAt (number: number): Block {
    return blocks[number] ?? NO_BLOCK
  }
}

const NO_BLOCK: Block = { entries: [], ranks: [] }

function insertAt<T> (list: T[], offset: number, element: T): void {
  if (offset === list.length) list.push(element)
  else list.splice(offset, 0, element)
}

/** Tells whether an entry of a block is before a rank and an id; if `past`, also whether it is right at them. */
function isBefore ({ entries, ranks }: Block, offset: number, rank: Rank, id: Id, past: boolean): boolean {
  const own = ranks[offset]
  const entry = entries[offset]
  if (own === undefined || entry === undefined) return false
  if (own !== rank) return own < rank
  const sign = compareIds(entry.id, id)
  return past ? sign <= 0 : sign < 0
}

/** Counts by a binary search how many of the numbers from 0 on `holds` is true of: of all up to some number, and of none after it. */
function count (length: number, holds: (i: number) => boolean): number {
  let low = 0
  let high = length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (holds(middle)) low = middle + 1
    else high = middle
  }
  return low
}

/** More than a block ever holds. */
const SPAN = 512

const pack = (block: number, offset: number): Position => block * SPAN + offset
const blockOf = (position: Position) => Math.floor(position / SPAN)
const offsetOf = (position: Position) => position % SPAN
