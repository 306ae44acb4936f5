import type { Violation } from '../schemas/problem.js'
import type { Fields, Resource } from '../schemas/resource.js'
import { whenReady } from '../stores/awaitable.js'
import { conditionsOf, isEmpty } from '../stores/conditions.js'
import { completeOrder } from '../stores/order.js'
import type { Awaitable, Query, Slice, SortKey, Store } from '../stores/store.js'
import { decodeCursor, encodeCursor } from '../http/cursor.js'
import { queryOf } from '../http/query.js'
import type { Representation } from '../http/reply.js'
import { entityTag } from '../http/representation.js'
import { MOST_BYTES } from './page-cache.js'

/** The list's parameters, validated: those of every list, and the resource's own filters. */
export interface ListParameters extends Fields {
  sort: string
  limit: number
  cursor?: string
  total: boolean
}

/** What a page shows. */
export interface Found extends Slice {
  /** How many records pass the filters, where that is asked for. */
  readonly total?: number
}

/** What the parameters ask of the store. */
export function toQuery ({ filters, key, properties }: Resource, parameters: ListParameters): Query {
  const order = readSort(parameters.sort, key)
  const { cursor, limit } = parameters
  const after = cursor === undefined ? undefined : decodeCursor(cursor, order, properties)
  const where = Object.entries(filters).flatMap(([name, filter]) => parameters[name] === undefined ? [] : conditionsOf(filter, parameters[name]))
  return { where, order, after, limit }
}

/** What a store has for a query; it is not asked where that can only be nothing. */
export function find (store: Store, query: Query, { total }: Pick<ListParameters, 'total'>): Awaitable<Found> {
  const { where } = query
  const slice = isEmpty(query) ? NOTHING : store.list(query)
  if (!total) return slice
  const count = () => isEmpty({ ...query, after: undefined }) ? 0 : store.count(where)
  return whenReady(slice, (slice) => whenReady(count(), (total) => ({ ...slice, total })))
}

const NOTHING: Slice = { entries: [], more: false }

/** The rule that no schema can say: a cursor is of this list, in the order that is asked for. */
export function checkCursor ({ key, properties }: Resource, { sort, cursor }: Fields): Violation[] {
  if (typeof sort !== 'string' || typeof cursor !== 'string' || decodeCursor(cursor, readSort(sort, key), properties) !== undefined) return []
  return [{ in: 'query', parameter: 'cursor', detail: 'must come from the `next` of a page in the same order' }]
}

/** How many characters are short: Node.js sends a short text in one piece with the fields, faster than as bytes beside them. */
const SHORT = 4096

/**
 * Makes the page of what the store found that answers a request target: a representation of its own, as bytes where it is long, because it may be sent
 * more than once. A long one that is kept can be sent in any content coding; to code a short one would take longer than to answer a request, and beside a larger one than the cache takes, nothing else could be coded.
 */
export function toPage ({ plural, properties }: Resource, found: Found, { order }: Query, path: string, target: string, isKept: boolean): Representation {
  const { more, total } = found
  const entries = found.entries.splice(0)
  const last = entries.at(-1)
  const next = more && last ? nextPath(path, target, encodeCursor(last.item, order, properties)) : undefined
  const end = `${next === undefined ? '' : `,"next":${JSON.stringify(next)}`}${total === undefined ? '' : `,"total":${total}`}}`
  const bodies = entries.map((entry) => entry.body)
  const length = bodies.reduce((sum, body) => sum + body.length, 0)
  const start = `{"${plural}":[`
  const isLong = length >= SHORT
  const body = isLong ? toBytes(start, bodies, `]${end}`) : `${start}${bodies.join(',')}]${end}`
  // The tags of its parts tell as much as the parts, and are quicker to digest.
  const etag = entityTag(entries.map((entry) => entry.etag).join() + end)
  const mayBeCoded = isKept && isLong && body.length <= MOST_BYTES
  return { body, etag, link: next && `<${next}>; rel="next"`, coding: mayBeCoded ? 'identity' : undefined }
}

/**
 * A long page as bytes, written part by part: one text of all would be moved twice, and be garbage that is collected late.
 */
function toBytes (start: string, bodies: readonly string[], end: string): Buffer {
  const bytes = Buffer.allocUnsafe(bodies.reduce((sum, body) => sum + Buffer.byteLength(body) + 1, Buffer.byteLength(start + end) - 1))
  let at = bytes.write(start)
  for (const body of bodies) {
    at += bytes.write(body, at)
    at += bytes.write(',', at)
  }
  // The end takes the place of the last comma.
  bytes.write(end, at - 1)
  return bytes
}

/** The sort keys that decide, and those that break their ties: of a property only the first, and none after all of the key. */
function readSort (sort: string, key: readonly string[]): SortKey[] {
  const keys = new Map<string, SortKey>()
  for (const term of sort.split(',')) {
    const property = term.replace(/^-/, '')
    if (key.every((part) => keys.has(part))) break
    if (!keys.has(property)) keys.set(property, { property, descending: term.startsWith('-') })
  }
  return completeOrder([...keys.values()], key)
}

/** The same request with another cursor. */
function nextPath (path: string, target: string, cursor: string): string {
  const parameters = new URLSearchParams(queryOf(target))
  parameters.set('cursor', cursor)
  return `${path}?${parameters.toString()}`
}
