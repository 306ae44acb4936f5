import { compareBy, satisfies, valueOf } from './order.js'
import type { Item } from '../schemas/resource.js'
import type { OrderedIndex, Position } from './ordered-index.js'
import type { Condition, Entry, Query, Slice, SortKey, Value } from './store.js'

/** Finds the ordered index of a property. */
export type IndexOf<P extends Position> = (property: string) => OrderedIndex<P>

/** What decides where no sort key does. */
const BY_ID: SortKey = { property: 'id', descending: false }

/** The most entries to skip before the matches are gathered instead, where they come in the order of their ids by themselves. */
const MOST_SKIPPED = 100_000

/** A stretch of an index: from a place up to, but not including, another. */
interface Range<P extends Position> {
  readonly index: OrderedIndex<P>
  readonly from: P
  readonly to: P
}

/** A stretch whose entries share one value, as far as the index tells, and so are in the order of their ids. */
interface Group<P extends Position> extends Range<P> {
  readonly value: Value | undefined
}

/**
 * Answers a query from one ordered index for each property. It walks the index of the first sort key and takes what
 * satisfies the conditions; where that would skip, or does skip, more records than the most selective condition
 * matches, it gathers those matches from the condition's own index.
 */
export function select<P extends Position> (indexOf: IndexOf<P>, query: Query): Slice {
  const { order: [head = BY_ID], limit } = query
  const ranges = [...new Set(query.where.map(({ property }) => property))]
    .map((property) => rangeOf(indexOf(property), query.where))
    .filter((range) => !range.index.exact || !isWhole(range))
  const along = ranges.find(({ index }) => index.property === head.property) ?? rangeOf(indexOf(head.property), [])
  const matches = ranges.reduce((best, range) => sizeOf(range) < sizeOf(best) ? range : best, along)
  // A condition that every record satisfies need not be looked at, nor one that every record of a range does.
  const narrowed = query.where.filter(({ property }) => ranges.some(({ index }) => index.property === property))
  const within = ({ index }: Range<P>): Query =>
    ({ ...query, where: narrowed.filter(({ property }) => property !== index.property || !index.exact) })

  const found = walk(along, matches, within(along)) ?? gather(matches, within(matches))
  return { entries: found.slice(0, limit), more: found.length > limit }
}

/** The first matches along a range, one more than the page holds; undefined where one would have to skip, or does skip, too many. */
function walk<P extends Position> (along: Range<P>, matches: Range<P>, query: Query): Entry[] | undefined {
  if (isSparse(matches, along, query)) return undefined
  const mostSkipped = Math.min(sizeOf(matches), query.order.length === 0 ? MOST_SKIPPED : Infinity)
  const { found, skipped } = take(inOrder(along, query), query, mostSkipped)
  return skipped > mostSkipped ? undefined : found
}

/** Whether one would have to walk past more records than there are to gather, if the matches are spread evenly. */
function isSparse<P extends Position> (matches: Range<P>, along: Range<P>, { order, limit }: Query): boolean {
  const gathered = order.length === 0 && isGroup(matches) ? limit : sizeOf(matches)
  return matches !== along && gathered * sizeOf(matches) <= limit * sizeOf(along)
}

/** The first entries that satisfy the query, one more than its limit, or until too many do not. */
function take (chunks: Iterable<readonly Entry[]>, { where, limit }: Query, mostSkipped = Infinity) {
  const found: Entry[] = []
  let skipped = 0
  for (const chunk of chunks) {
    for (const entry of chunk) {
      if (where.length === 0 || satisfies(entry.item, where)) found.push(entry)
      else skipped++
      if (found.length > limit || skipped > mostSkipped) return { found, skipped }
    }
  }
  return { found, skipped }
}

/** The same from a range that holds every match, in whatever order. */
function gather<P extends Position> (matches: Range<P>, query: Query): Entry[] {
  const { order, where, after, limit } = query
  if (order.length > 0) return sorted(matches, query).filter(({ item }) => satisfies(item, where)).slice(0, limit + 1)
  // Of each group, no more can be on the page than fit on it.
  const groups = [...groupsOf(matches, false, undefined)]
  const found = groups.flatMap((group) => take(chunksOf(unseen(group, group.value, after)), query).found)
  return (groups.length === 1 ? found : found.sort((a, b) => a.item.id - b.item.id)).slice(0, limit + 1)
}

/** The entries of a range of the first sort key's index, in the order of the query, after the last one seen. */
function * inOrder<P extends Position> (along: Range<P>, { order, after }: Query): Generator<readonly Entry[]> {
  const [head = BY_ID, ...rest] = order
  const last = after && valueOf(after, head.property)
  if (!head.descending && rest.length === 0 && along.index.exact) {
    yield * chunksOf(unseen(along, last, after))
    return
  }
  for (const group of groupsOf(along, head.descending, last)) {
    if (rest.length > 0 || !along.index.exact) yield sorted(group, { order, after })
    else yield * chunksOf(group.value === last ? unseen(group, last, after) : group)
  }
}

/** What of a range, from `value` on, comes after the last entry seen. */
function unseen<P extends Position> (range: Range<P>, value: Value | undefined, after: Item | undefined): Range<P> {
  return after === undefined || value === undefined ? range : { ...range, from: later(range.from, range.index.seek(value, after.id + 1)) }
}

/** The unseen entries of a range, sorted. */
function sorted<P extends Position> (range: Range<P>, { order, after }: Pick<Query, 'order' | 'after'>): Entry[] {
  const compare = compareBy(order)
  return [...chunksOf(range)].flat()
    .filter(({ item }) => after === undefined || compare(item, after) > 0)
    .sort((a, b) => compare(a.item, b.item))
}

/** The groups of a range, from the one with value `start` on. */
function * groupsOf<P extends Position> ({ index, from, to }: Range<P>, descending: boolean, start: Value | undefined): Generator<Group<P>> {
  let low = start === undefined || descending ? from : later(from, index.seek(start, -Infinity))
  let high = start === undefined || !descending ? to : earlier(to, index.seek(start, Infinity))
  while (low < high) {
    const group = groupAt(index, descending ? index.previous(high) : low)
    const part = { ...group, from: later(low, group.from), to: earlier(high, group.to) }
    yield part
    if (descending) high = part.from
    else low = part.to
  }
}

/** The group around a place in an index; quick where there is but one entry in it. */
function groupAt<P extends Position> (index: OrderedIndex<P>, position: P): Group<P> {
  const value = index.valueAt(position)
  const before = value === undefined || value !== index.valueAt(index.previous(position))
  const behind = value === undefined || value !== index.valueAt(index.next(position))
  const from = before ? position : index.seek(value, -Infinity)
  const to = behind ? index.next(position) : index.seek(value, Infinity)
  return { index, value, from, to }
}

/**
 * The part of an index in which the conditions on its property hold; where the index does not tell all values apart,
 * also what may be equal to a bound.
 */
function rangeOf<P extends Position> (index: OrderedIndex<P>, where: readonly Condition[]): Range<P> {
  const { exact } = index
  let from = index.start()
  let to = index.end()
  for (const { operator, value } of where.filter(({ property }) => property === index.property)) {
    if (operator !== 'lt') from = later(from, index.seek(value, operator === 'gt' && exact ? Infinity : -Infinity))
    if (operator !== 'gt') to = earlier(to, index.seek(value, operator === 'lt' && exact ? -Infinity : Infinity))
  }
  return { index, from, to }
}

const isWhole = <P extends Position> ({ index, from, to }: Range<P>) => from <= index.start() && to >= index.end()

const isGroup = <P extends Position> ({ index, from, to }: Range<P>) => from < to && index.valueAt(from) === index.valueAt(index.previous(to))

const sizeOf = <P extends Position> ({ index, from, to }: Range<P>) => index.estimate(from, to)

const chunksOf = <P extends Position> ({ index, from, to }: Range<P>) => index.chunks(from, to)

const later = <P extends Position> (a: P, b: P): P => a < b ? b : a
const earlier = <P extends Position> (a: P, b: P): P => a < b ? a : b
