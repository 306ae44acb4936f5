import type { Item } from '../../schemas/resource.js'
import { satisfies, stretchOf } from '../conditions.js'
import { compareBy, comparePlaces, compareValues, valueOf, type Place, type Stretch } from '../order.js'
import type { OrderedIndex } from './ordered-index.js'
import type { Condition, Entry, Query, Slice, SortKey, Value } from '../store.js'

/** Finds the ordered index of a property. */
export type IndexOf = (property: string) => OrderedIndex

/** Work that is done step by step: each step looks at a bounded number of entries and gives those that it has found, often none. */
type Search = Generator<readonly Entry[], void, void>

/** A stretch of an index that holds every match. */
interface Range extends Stretch {
  readonly index: OrderedIndex
}

/** What decides where no sort key does. */
const BY_ID: SortKey = { property: 'id', descending: false }

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
export function * select (indexOf: IndexOf, query: Query): Generator<void, Slice> {
  const { limit } = query
  const found: Entry[] = []
  for (const entries of search(indexOf, query)) {
    found.push(...entries)
    if (found.length > limit) break
    yield
  }
  return { entries: withoutRepeats(found.slice(0, limit)), more: found.length > limit }
}

/** Whether the index of a property may be read to answer a query; that of the ids always may, because the id breaks every tie. */
export function isUsed (property: string, { where, order }: Query): boolean {
  return property === BY_ID.property || [...where, ...order].some((use) => use.property === property)
}

/** Finds the matches in order: one more than the limit at least, or all. */
function search (indexOf: IndexOf, query: Query): Search {
  const shorter = withoutConstantKey(query)
  if (shorter !== query) return shorter === undefined ? nothing() : search(indexOf, shorter)

  const { where, order } = query
  const [head = BY_ID] = order
  const ranges = [...new Set(where.map(({ property }) => property))].map((property) => rangeOf(indexOf(property), where))
  const along = ranges.find(({ index }) => index.property === head.property) ?? { index: indexOf(head.property) }
  const ways = [...ranges.filter((range) => range !== along), along].map((range) => {
    const left = where.filter(({ property }) => property !== range.index.property || !isExact(range.index))
    const isOrdered = range === along || (isById(order) && isOneValue(range))
    return { range, query: { ...query, where: left }, find: isOrdered ? walk : gather }
  })
  // Nothing is quicker than to walk where everything is a match.
  const best = ways.find(({ query, find }) => find === walk && query.where.length === 0)
  return race((best === undefined ? ways : [best]).map(({ range, query, find }) => find(indexOf, range, query)), query.limit)
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
function walk (indexOf: IndexOf, range: Range, query: Query): Search {
  const [head = BY_ID, ...rest] = query.order
  const isStraight = isById(query.order) || (isExact(range.index) && !head.descending && rest.length === 0)
  return isStraight ? walkStraight(range, query) : walkByGroups(indexOf, range, query)
}

/** Walks along a range that is in the very order of the query. */
function * walkStraight (range: Range, { where, order: [{ descending } = BY_ID], after, limit }: Query): Search {
  let left = after === undefined ? range : beyond(range, { value: seenValue(range, after), id: after.id }, descending)
  for (let step = firstStep(limit); ; step = nextStep(step)) {
    const entries = range.index.read(left, step, descending)
    yield where.length === 0 ? entries : entries.filter(({ item }) => satisfies(item, where))
    const last = entries.at(-1)
    if (last === undefined || entries.length < step) return
    left = beyond(left, placeOf(range.index, last), descending)
  }
}

/** Where the range is in order only from one value of its index to the next: sorts the entries of each value, a group. */
function * walkByGroups (indexOf: IndexOf, range: Range, query: Query): Search {
  const { index } = range
  const { order: [{ property, descending } = BY_ID], after, limit } = query
  const keyOf = ({ item }: Entry) => index.keyOf(valueOf(item, property))
  const take = matchesOf(query)
  let left = after === undefined ? range : beyond(range, { value: seenValue(range, after), id: descending ? Infinity : -Infinity }, descending)
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
        ? search(indexOf, { ...query, where: [...query.where, condition] })
        : gather(indexOf, rangeOf(index, [condition]), query)
      left = beyond(left, afterGroup(lastKey, descending), descending)
    }
  }
}

/** Looks at all of a range, in whatever order it is, and keeps the first of what matches. */
function * gather (_: IndexOf, range: Range, query: Query): Search {
  const { index } = range
  const { order, limit, after } = query
  const [head = BY_ID] = order
  // The entries of one value are in the order of their ids, so that all behind one that is too late are too late as well.
  const skips = isById(order)
  const descending = skips && head.descending
  const take = matchesOf(query)
  const compare = compareBy(order)
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
      const unseen = skips && after !== undefined && compare(last.item, after) < 0 ? after : last.item
      left = beyond(left, { ...place, id: unseen.id }, descending)
      step = nextStep(step)
    }
    yield []
  }
}

function * nothing (): Search {}

/** The function that takes the matches of a query out of some entries, in its order. */
function matchesOf ({ where, order, after }: Query): (entries: readonly Entry[]) => Entry[] {
  const compare = compareBy(order)
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
  if (head === undefined || constant === undefined) return query
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
  for (const { operator, value } of where.filter(({ property }) => property === index.property)) {
    const { from, to } = stretchOf(operator, index.keyOf(value))
    if (from !== undefined) range = beyond(range, isExact(index) ? from : { ...from, id: -Infinity }, false)
    if (to !== undefined) range = beyond(range, isExact(index) ? to : { ...to, id: Infinity }, true)
  }
  return range
}

function isOneValue (range: Range): range is Range & { readonly from: Place } {
  const { from, to } = range
  return from !== undefined && to !== undefined && from.value === to.value && from.id < to.id
}

/** What is left of a range beyond a place, in the direction of a walk. */
function beyond (range: Range, place: Place, descending: boolean): Range {
  const { from, to } = range
  if (descending) return to !== undefined && comparePlaces(to, place) < 0 ? range : { ...range, to: place }
  return from !== undefined && comparePlaces(from, place) > 0 ? range : { ...range, from: place }
}

/** The key in a range's index of the last entry seen, of which a query has the properties of the order alone; a range of one value has that. */
function seenValue (range: Range, after: Item): Value {
  return isOneValue(range) ? range.from.value : range.index.keyOf(valueOf(after, range.index.property))
}

/** Whether an index keeps every value whole, and so tells every two of them apart. */
const isExact = ({ longest }: OrderedIndex): boolean => longest === Infinity

/** Whether what an index keeps is a whole value, so that all entries with this key have that value. */
const isWhole = ({ longest }: OrderedIndex, key: Value): boolean => typeof key === 'number' || key.length < longest

const isById = ([head = BY_ID, ...rest]: Query['order']): boolean => head.property === BY_ID.property && rest.length === 0

const afterGroup = (value: Value, descending: boolean): Place => ({ value, id: descending ? -Infinity : Infinity })

const placeOf = ({ keyOf, property }: OrderedIndex, { item }: Entry): Place => ({ value: keyOf(valueOf(item, property)), id: item.id })

const firstStep = (limit: number): number => Math.min(LARGEST_STEP, Math.max(SMALLEST_STEP, limit + 1))

const nextStep = (step: number): number => Math.min(LARGEST_STEP, 2 * step)

/** A record that was changed between two steps may have been found at both of its places. */
function withoutRepeats (entries: Entry[]): Entry[] {
  const ids = new Set(entries.map(({ item }) => item.id))
  return ids.size === entries.length ? entries : entries.filter(({ item }) => ids.delete(item.id))
}
