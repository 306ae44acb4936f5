import { compareBy, satisfies, valueOf } from './order.js'
import type { Item } from '../schemas/resource.js'
import type { Position, SortedIndex } from './sorted-index.js'
import type { Condition, Entry, Query, Slice, SortKey, Value } from './store.js'

/** Finds the ordered index of a property. */
export type IndexOf = (property: string) => SortedIndex

/** What decides where no sort key does. */
const BY_ID: SortKey = { property: 'id', descending: false }

/** A stretch of an index: from a place up to, but not including, another. */
interface Range {
  readonly index: SortedIndex
  readonly from: Position
  readonly to: Position
}

/**
 * Answers a query from one ordered index for each property. It walks the index of the first sort key and keeps what
 * satisfies the conditions; where that skips more records than the most selective condition matches in all, it
 * gathers those matches from the condition's own index and sorts them.
 */
export function select (indexOf: IndexOf, query: Query): Slice {
  const { where, order: [head = BY_ID], limit } = query
  const along = rangeOf(indexOf(head.property), where)
  const matches = where
    .map(({ property }) => rangeOf(indexOf(property), where))
    .reduce((best, range) => sizeOf(range) < sizeOf(best) ? range : best, along)

  const found = walk(along, query, sizeOf(matches)) ?? gather(matches, query)
  return { entries: found.slice(0, limit), more: found.length > limit }
}

/** The first matches in the order of the query, one more than its limit; undefined where that skips too many. */
function walk (along: Range, query: Query, mostSkipped: number): Entry[] | undefined {
  const found: Entry[] = []
  let skipped = 0
  for (const entry of inOrder(along, query)) {
    if (satisfies(entry.item, query.where)) found.push(entry)
    else if (++skipped > mostSkipped) return undefined
    if (found.length > query.limit) break
  }
  return found
}

/** The same from a range that holds every match, in whatever order. */
function gather (matches: Range, query: Query): Entry[] {
  return sorted(matches, query).filter(({ item }) => satisfies(item, query.where)).slice(0, query.limit + 1)
}

/** The entries of a range of the first sort key's index, in the order of the query, after the last one seen. */
function * inOrder (along: Range, { order, after }: Query): Generator<Entry> {
  const [head = BY_ID, ...rest] = order
  if (!head.descending && rest.length === 0) {
    yield * entriesOf(unseen(along, after))
    return
  }
  const last = after && valueOf(after, head.property)
  for (const group of groupsOf(along, head.descending, last)) {
    if (rest.length > 0) yield * sorted(group, { order, after })
    else yield * entriesOf(valueAt(group.index, group.from) === last ? unseen(group, after) : group)
  }
}

/** What of a range comes, in the order of its index, after the last entry seen. */
function unseen (range: Range, after: Item | undefined): Range {
  if (after === undefined) return range
  const { index, from } = range
  return { ...range, from: Math.max(from, index.seek(valueOf(after, index.property), after.id + 1)) }
}

/** The unseen entries of a range, sorted. */
function sorted (range: Range, { order, after }: Pick<Query, 'order' | 'after'>): Entry[] {
  const compare = compareBy(order)
  return [...entriesOf(range)]
    .filter(({ item }) => after === undefined || compare(item, after) > 0)
    .sort((a, b) => compare(a.item, b.item))
}

/** The stretches of a range that share one value each, from the one with value `start` on. */
function * groupsOf ({ index, from, to }: Range, descending: boolean, start: Value | undefined): Generator<Range> {
  let low = start === undefined || descending ? from : Math.max(from, index.seek(start, -Infinity))
  let high = start === undefined || !descending ? to : Math.min(to, index.seek(start, Infinity))
  while (low < high) {
    const group = descending
      ? { index, from: Math.max(low, startOfGroup(index, index.previous(high))), to: high }
      : { index, from: low, to: Math.min(high, endOfGroup(index, low)) }
    yield group
    if (descending) high = group.from
    else low = group.to
  }
}

/** The place of the first entry with the same value as the one at `position`; quick where that is the only one. */
function startOfGroup (index: SortedIndex, position: Position): Position {
  const value = valueAt(index, position)
  const alone = value === undefined || value !== valueAt(index, index.previous(position))
  return alone ? position : index.seek(value, -Infinity)
}

/** The place behind the last entry with the same value as the one at `position`. */
function endOfGroup (index: SortedIndex, position: Position): Position {
  const value = valueAt(index, position)
  const alone = value === undefined || value !== valueAt(index, index.next(position))
  return alone ? index.next(position) : index.seek(value, Infinity)
}

function valueAt (index: SortedIndex, position: Position): Value | undefined {
  const entry = index.at(position)
  return entry && valueOf(entry.item, index.property)
}

/** The part of an index in which the conditions on its property hold. */
function rangeOf (index: SortedIndex, where: readonly Condition[]): Range {
  let from = 0
  let to = index.end()
  for (const { operator, value } of where.filter(({ property }) => property === index.property)) {
    if (operator !== 'lt') from = Math.max(from, index.seek(value, operator === 'gt' ? Infinity : -Infinity))
    if (operator !== 'gt') to = Math.min(to, index.seek(value, operator === 'lt' ? -Infinity : Infinity))
  }
  return { index, from, to }
}

const sizeOf = ({ index, from, to }: Range) => index.count(from, to)

function * entriesOf ({ index, from, to }: Range): Generator<Entry> {
  for (let position = from; position < to; position = index.next(position)) {
    const entry = index.at(position)
    if (entry !== undefined) yield entry
  }
}
