import type { Fields, Item } from '../../schemas/resource.js'
import { AFTER, BEFORE, comparePlaces, satisfies, stretchOf, type Place, type Stretch } from '../conditions.js'
import { compareBy, compareValues, valueOf } from '../order.js'
import type { OrderedIndex } from './ordered-index.js'
import type { Condition, Entry, Id, Query, Slice, SortKey, Value } from '../store.js'

/** The ordered indexes of some records. */
export interface Indexes {
  /** The index of a property, or of the ids. */
  of (property: string): OrderedIndex
  /** The sort key of the ids: their property, or no property at all where they are of several. */
  readonly byId: SortKey
  /** The sort keys of all properties of the ids, which break ties. */
  readonly ties: readonly SortKey[]
  idOf (record: Fields): Id
}

/** Work that is done step by step: each step looks at a bounded number of entries and gives those that it has found, often none. */
type Search = Generator<readonly Entry[], void, void>

/** A stretch of an index that holds every match. */
interface Range extends Stretch {
  readonly index: OrderedIndex
}

/** The fewest and the most entries that are read in one step. */
const SMALLEST_STEP = 16
const LARGEST_STEP = 256

/**
 * Answers a query from one ordered index for each property. It yields after each step, so that others can be served
 * between two of them; what they write meanwhile may be found as it was or as it is, but not twice.
 *
 * There are several ways to find the matches, and which is best depends on how the values of a record go together, which
 * nobody knows. So the ways take turns, a step each, until one of them is done: all in all, that is no more work than
 * the best way takes, times the number of ways.
 */
export function * select (indexes: Indexes, query: Query): Generator<void, Slice> {
  const { limit } = query
  const found: Entry[] = []
  for (const entries of search(indexes, { ...query, order: withoutTies(query.order, indexes) })) {
    found.push(...entries)
    if (found.length > limit) break
    yield
  }
  return { entries: withoutRepeats(found.slice(0, limit)), more: found.length > limit }
}

/** Counts the records that satisfy some conditions, step by step. */
export function * count (indexes: Indexes, where: readonly Condition[]): Generator<void, number> {
  const [{ property } = indexes.byId] = where
  let left = rangeOf(indexes.of(property), where)
  for (let total = 0; ; yield) {
    const entries = left.index.read(left, LARGEST_STEP, false)
    total += entries.filter(({ item }) => satisfies(item, where)).length
    const last = entries.at(-1)
    if (last === undefined || entries.length < LARGEST_STEP) return total
    left = beyond(left, placeOf(left.index, last), false)
  }
}

/** Tells whether the index of a property may be read for some conditions and an order. */
export function isUsed (property: string, { where, order }: Pick<Query, 'where' | 'order'>): boolean {
  return [...where, ...order].some((use) => use.property === property)
}

/** An order without the properties of the ids at its end, where they are several: the ids alone do the same. */
function withoutTies (order: readonly SortKey[], { ties }: Indexes): readonly SortKey[] {
  const end = order.slice(-ties.length)
  const isSame = end.every(({ property, descending }, i) => property === ties[i]?.property && !descending)
  return isSame ? order.slice(0, -ties.length) : order
}

/** Finds the matches in order: one more than the limit at least, or all. */
function search (indexes: Indexes, query: Query): Search {
  const shorter = withoutConstantKey(query)
  if (shorter !== query) return shorter === undefined ? nothing() : search(indexes, shorter)

  const { where, order } = query
  const [head = indexes.byId] = order
  const ranges = [...new Set(where.map(({ property }) => property))].map((property) => rangeOf(indexes.of(property), where))
  const along = ranges.find(({ index }) => index.property === head.property) ?? { index: indexes.of(head.property) }
  const ways = [...ranges.filter((range) => range !== along), along].map((range) => {
    const left = where.filter(({ property, operator }) => property !== range.index.property || !isExact(range.index) || operator === 'in')
    const isOrdered = range === along || (isById(order, indexes) && isOneValue(range))
    return { range, query: { ...query, where: left }, find: isOrdered ? walk : gather }
  })
  // Nothing is quicker than to walk where everything is a match.
  const best = ways.find(({ query, find }) => find === walk && query.where.length === 0)
  return race((best === undefined ? ways : [best]).map(({ range, query, find }) => find(indexes, range, query)), query.limit)
}

/** Takes turns with several searches for the same, until one of them has found enough, or all. */
function * race (searches: readonly Search[], limit: number): Search {
  const runs = searches.map((search) => ({ search, found: new Array<Entry>() }))
  while (true) {
    for (const { search, found } of runs) {
      const { done, value } = search.next()
      if (!done) found.push(...value)
      if (done || found.length > limit) return yield found
      yield []
    }
  }
}

/** Walks along a range that is in the order of the query, as far as its index goes, and keeps what matches. */
function walk (indexes: Indexes, range: Range, query: Query): Search {
  const [head = indexes.byId, ...rest] = query.order
  const isStraight = isById(query.order, indexes) || (isExact(range.index) && !head.descending && rest.length === 0)
  return isStraight ? walkStraight(indexes, range, query) : walkByGroups(indexes, range, query)
}

/** Walks along a range that is in the very order of the query. */
function * walkStraight (indexes: Indexes, range: Range, { where, order: [head = indexes.byId], after, limit }: Query): Search {
  const { descending } = head
  let left = after === undefined ? range : beyond(range, { value: seenValue(range, after, head, indexes), id: indexes.idOf(after) }, descending)
  for (let step = firstStep(limit); ; step = nextStep(step)) {
    const entries = range.index.read(left, step, descending)
    yield where.length === 0 ? entries : entries.filter(({ item }) => satisfies(item, where))
    const last = entries.at(-1)
    if (last === undefined || entries.length < step) return
    left = beyond(left, placeOf(range.index, last), descending)
  }
}

/** Where the range is in order only from one value of its index to the next: sorts the entries of each value, a group. */
function * walkByGroups (indexes: Indexes, range: Range, query: Query): Search {
  const { index } = range
  const { order: [head = indexes.byId], after, limit } = query
  const { property, descending } = head
  const keyOf = ({ item }: Entry) => index.keyOf(valueOf(item, property))
  const take = matchesOf(query, indexes)
  let left = after === undefined ? range : beyond(range, { value: seenValue(range, after, head, indexes), id: descending ? AFTER : BEFORE }, descending)
  for (let step = firstStep(limit); ; step = nextStep(step)) {
    const entries = index.read(left, step, descending)
    const last = entries.at(-1)
    if (last === undefined) return
    const lastKey = keyOf(last)
    // The last group may go on behind what was read.
    const whole = entries.length < step ? entries : entries.filter((entry) => keyOf(entry) !== lastKey)
    const end = whole.at(-1)
    if (end !== undefined) {
      yield take(whole)
      left = beyond(left, afterGroup(keyOf(end), descending), descending)
    } else {
      const condition: Condition = { property, operator: 'eq', value: lastKey }
      yield * isWhole(index, lastKey)
        ? search(indexes, { ...query, where: [...query.where, condition] })
        : gather(indexes, rangeOf(index, [condition]), query)
      left = beyond(left, afterGroup(lastKey, descending), descending)
    }
  }
}

/** Looks at all of a range, in whatever order it is, and keeps the first of what matches. */
function * gather (indexes: Indexes, range: Range, query: Query): Search {
  const { index } = range
  const { order, limit, after } = query
  const [head = indexes.byId] = order
  // The entries of one value are in the order of their ids, so that all behind one that is too late are too late as well.
  const skips = isById(order, indexes)
  const descending = skips && head.descending
  const take = matchesOf(query, indexes)
  const compare = compareBy([...order, ...indexes.ties])
  let best: readonly Entry[] = []
  let left: Range = range
  for (let step = firstStep(limit); ;) {
    const entries = index.read(left, step, descending)
    const worst = best[limit]
    const better = take(worst === undefined ? entries : entries.filter(({ item }) => compare(item, worst.item) < 0))
    if (better.length > 0) best = [...best, ...better].sort((a, b) => compare(a.item, b.item)).slice(0, limit + 1)
    const last = entries.at(-1)
    if (last === undefined || entries.length < step) return yield best
    const place = placeOf(index, last)
    const bound = best[limit]
    if (skips && bound !== undefined && compare(last.item, bound.item) >= 0) {
      left = beyond(left, afterGroup(place.value, descending), descending)
      step = 1
    } else {
      const unseen = skips && after !== undefined && compare(last.item, after) < 0 ? indexes.idOf(after) : last.id
      left = beyond(left, { ...place, id: unseen }, descending)
      step = nextStep(step)
    }
    yield []
  }
}

function * nothing (): Search {}

/** The function that takes the matches of a query out of some entries, in its order. */
function matchesOf ({ where, order, after }: Query, { ties }: Indexes): (entries: readonly Entry[]) => Entry[] {
  const compare = compareBy([...order, ...ties])
  return (entries) => entries
    .filter(({ item }) => satisfies(item, where) && (after === undefined || compare(item, after) > 0))
    .sort((a, b) => compare(a.item, b.item))
}

/**
 * The query without its first sort key where all matches have one value of it; undefined where none of them comes after
 * the last entry seen.
 */
function withoutConstantKey (query: Query): Query | undefined {
  const { where, order: [head, ...rest], after } = query
  const constant = where.find(({ property, operator }) => operator === 'eq' && property === head?.property)
  if (head === undefined || constant === undefined || constant.operator === 'in') return query
  const sign = after === undefined ? 1 : compareValues(constant.value, valueOf(after, head.property)) * (head.descending ? -1 : 1)
  if (sign < 0) return undefined
  return { ...query, order: rest, after: sign > 0 ? undefined : after }
}

/**
 * The part of an index in which the conditions on its property hold; where the index does not tell all values apart,
 * also what may be equal to a bound.
 */
function rangeOf (index: OrderedIndex, where: readonly Condition[]): Range {
  let range: Range = { index }
  for (const condition of where.filter(({ property }) => property === index.property)) {
    const { from, to } = stretchOf(condition)
    if (from !== undefined) range = beyond(range, { value: index.keyOf(from.value), id: isExact(index) ? from.id : BEFORE }, false)
    if (to !== undefined) range = beyond(range, { value: index.keyOf(to.value), id: isExact(index) ? to.id : AFTER }, true)
  }
  return range
}

function isOneValue (range: Range): range is Range & { readonly from: Place } {
  const { from, to } = range
  return from !== undefined && to !== undefined && from.value === to.value && comparePlaces(from, to) < 0
}

/** The rest of a range beyond a place, in the direction of a walk. */
function beyond (range: Range, place: Place, descending: boolean): Range {
  const { from, to } = range
  if (descending) return to !== undefined && comparePlaces(to, place) < 0 ? range : { ...range, to: place }
  return from !== undefined && comparePlaces(from, place) > 0 ? range : { ...range, from: place }
}

/** The key in a range's index of the last entry seen, of which a query has the properties of the order alone: another range has one value. */
function seenValue ({ index, from }: Range, after: Item, { property }: SortKey, { idOf }: Indexes): Value {
  if (index.property !== property) return from?.value ?? null
  return index.keyOf(property === '' ? idOf(after) : valueOf(after, property))
}

/** Tells whether an index keeps every value whole, and so tells every two of them apart. */
const isExact = ({ longest }: OrderedIndex): boolean => longest === Infinity

/** Tells whether a key of an index is a whole value, so that all entries with this key have that value. */
const isWhole = ({ longest }: OrderedIndex, key: Value): boolean => typeof key !== 'string' || key.length < longest

const isById = ([head, ...rest]: Query['order'], { byId }: Indexes): boolean => head === undefined || (head.property === byId.property && rest.length === 0)

const afterGroup = (value: Value, descending: boolean): Place => ({ value, id: descending ? BEFORE : AFTER })

const placeOf = ({ keyOf, property }: OrderedIndex, { id, item }: Entry): Place => ({ value: property === '' ? id : keyOf(valueOf(item, property)), id })

const firstStep = (limit: number): number => Math.min(LARGEST_STEP, Math.max(SMALLEST_STEP, limit + 1))

const nextStep = (step: number): number => Math.min(LARGEST_STEP, 2 * step)

/** A record that was changed between two steps may have been found at both of its places. */
function withoutRepeats (entries: Entry[]): Entry[] {
  const ids = new Set(entries.map(({ id }) => id))
  return ids.size === entries.length ? entries : entries.filter(({ id }) => ids.delete(id))
}
