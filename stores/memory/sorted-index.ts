import { compareIds, type Stretch } from '../conditions.js'
import { rankOf, valueOf, type Rank } from '../order.js'
import type { WritableIndex } from '../local/ordered-index.js'
import type { Entry, Id } from '../store.js'

/** The most entries in a block: small enough to shift cheaply, large enough that there are few blocks. */
const BLOCK_SIZE = 256

/** Some of the entries, in order, and the rank of each one's value, so that a search looks at ranks alone. */
interface Sorted {
  readonly entries: readonly ({ readonly id: Id } | undefined)[]
  readonly ranks: readonly (Rank | undefined)[]
}

interface Block extends Sorted {
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
  /** The first entry of each block, and its rank, in lists of their own: a search that looked into each block would wait for the memory at every step. */
  const firsts: { readonly entries: (Entry | undefined)[], readonly ranks: (Rank | undefined)[] } = { entries: [undefined], ranks: [undefined] }

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
    noteFirst(number, block)
    if (block.entries.length > BLOCK_SIZE) split(number, block)
  }

  function remove (entry: Entry): void {
    const position = positionOf(entry)
    const number = blockOf(position)
    const block = blockAt(number)
    block.entries.splice(offsetOf(position), 1)
    block.ranks.splice(offsetOf(position), 1)
    if (block.entries.length > 0 || blocks.length === 1) noteFirst(number, block)
    else for (const list of [blocks, firsts.entries, firsts.ranks]) list.splice(number, 1)
  }

  function replace (old: Entry, entry: Entry): void {
    if (rankEntry(old) === rankEntry(entry)) {
      const position = positionOf(old)
      const number = blockOf(position)
      blockAt(number).entries[offsetOf(position)] = entry
      noteFirst(number, blockAt(number))
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
    const last = blocks.length - 1
    const end = blockAt(last).ranks.length
    // Entries that come in ascending order, as by their ids, go to the end.
    if (isBefore(blockAt(last), end - 1, rank, id, past)) return pack(last, end)
    const number = Math.max(0, countBefore(firsts, rank, id, past) - 1)
    return pack(number, countBefore(blockAt(number), rank, id, past))
  }

  function split (number: number, { entries, ranks }: Block): void {
    // Ascending inserts leave full blocks behind them.
    const half = number === blocks.length - 1 ? BLOCK_SIZE : BLOCK_SIZE / 2
    // Copies, because an array that was filled one by one has room for more.
    const behind = { entries: entries.slice(half), ranks: ranks.slice(half) }
    blocks.splice(number, 1, { entries: entries.slice(0, half), ranks: ranks.slice(0, half) }, behind)
    firsts.entries.splice(number + 1, 0, undefined)
    firsts.ranks.splice(number + 1, 0, undefined)
    noteFirst(number + 1, behind)
  }

  function noteFirst (number: number, { entries, ranks }: Block): void {
    firsts.entries[number] = entries[0]
    firsts.ranks[number] = ranks[0]
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

/** Tells whether the entry at a place is before a rank and an id; if `past`, also whether it is right at them. */
function isBefore ({ ranks, entries }: Sorted, i: number, rank: Rank, id: Id, past: boolean): boolean {
  const own = ranks[i]
  const entry = entries[i]
  if (own === undefined || entry === undefined) return false
  if (own !== rank) return own < rank
  const sign = compareIds(entry.id, id)
  return past ? sign <= 0 : sign < 0
}

/** Counts by a binary search how many entries are before a rank and an id: all up to some place, and none after it. */
function countBefore (sorted: Sorted, rank: Rank, id: Id, past: boolean): number {
  let low = 0
  let high = sorted.ranks.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (isBefore(sorted, middle, rank, id, past)) low = middle + 1
    else high = middle
  }
  return low
}

/** More than a block ever holds. */
const SPAN = 512

const pack = (block: number, offset: number): Position => block * SPAN + offset
const blockOf = (position: Position) => Math.floor(position / SPAN)
const offsetOf = (position: Position) => position % SPAN
