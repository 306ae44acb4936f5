import { keywordsOf } from '../schemas/keywords.js'
import type { Violation } from '../schemas/problem.js'
import type { Resource } from '../schemas/resource.js'
import { holdsBetween, isEmpty } from '../stores/conditions.js'
import type { Awaitable, Condition, Query, Slice, SortKey, Store, Value } from '../stores/store.js'
import { decodeCursor, encodeCursor } from '../http/cursor.js'
import { queryOf } from '../http/query.js'
import type { Representation } from '../http/reply.js'
import { entityTag } from '../http/representation.js'

/** The list's parameters, validated: those of every list, and the resource's own filters. */
export interface ListParameters extends Record<string, Value | undefined> {
  sort: string
  limit: number
  cursor?: string
}

/** A page of the list: a representation of its own, as bytes where it is long, because it may be sent more than once. */
export interface Page extends Representation {
  /** The path of the next page, if there is one. */
  readonly next: string | undefined
}

/** What the parameters ask of the store. */
export function toQuery (resource: Resource, parameters: ListParameters): Query {
  const order = readSort(parameters.sort)
  const { cursor, limit } = parameters
  const after = cursor === undefined ? undefined : decodeCursor(cursor, order, resource.schemas.record)
  return { where: conditions(resource, parameters), order, after, limit }
}

/** What a store has for a query; it is not asked where that can only be nothing. */
export function find (store: Store, query: Query): Awaitable<Slice> {
  return isEmpty(query) ? NOTHING : store.list(query)
}

const NOTHING: Slice = { entries: [], more: false }

/** The rule that no schema can say: a cursor is of this list, in the order that is asked for. */
export function checkCursor ({ schemas: { record } }: Resource, { sort, cursor }: Readonly<Record<string, unknown>>): Violation[] {
  if (typeof sort !== 'string' || typeof cursor !== 'string' || decodeCursor(cursor, readSort(sort), record) !== undefined) return []
  return [{ in: 'query', parameter: 'cursor', detail: 'must come from the `next` of a page in the same order' }]
}

/** How many characters are short: Node.js sends a short text in one piece with the fields, faster than as bytes beside them. */
const SHORT = 4096

/** Makes the page that answers the request target `path`?`query` of what the store found. */
export function toPage ({ plural, schemas: { record } }: Resource, slice: Slice, { order }: Query, path: string, target: string): Page {
  const entries = slice.entries.splice(0)
  const last = entries.at(-1)
  const next = slice.more && last ? nextPath(path, target, encodeCursor(last.item, order, record)) : undefined
  const end = next === undefined ? '}' : `,"next":${JSON.stringify(next)}}`
  const text = `{"${plural}":[${entries.map((entry) => entry.body).join(',')}]${end}`
  const body = text.length < SHORT ? text : Buffer.from(text)
  // The tags of its parts tell as much as the parts, and are quicker to digest.
  return { body, etag: entityTag(entries.map((entry) => entry.etag).join() + end), next }
}

function conditions ({ filters, schemas: { record } }: Resource, parameters: ListParameters): Condition[] {
  return Object.entries(filters).flatMap(([name, { property, operator }]) => {
    const value = parameters[name]
    if (value === undefined) return []
    // A filter that every valid record passes, as one does at its default, is left out.
    const { minimum = -Infinity, maximum = Infinity } = keywordsOf(record, property)
    const condition = { property, operator, value }
    return holdsBetween(minimum, maximum, condition) ? [] : [condition]
  })
}

/**
 * The sort keys that decide: of a property only the first, none after `id`, which breaks every tie, and not the
 * ascending `id`, which does so by itself.
 */
function readSort (sort: string): SortKey[] {
  const keys = new Map<string, SortKey>()
  for (const key of sort.split(',')) {
    const property = key.replace(/^-/, '')
    if (keys.has('id')) break
    if (!keys.has(property)) keys.set(property, { property, descending: key.startsWith('-') })
  }
  if (keys.get('id')?.descending === false) keys.delete('id')
  return [...keys.values()]
}

/** The same request with another cursor. */
function nextPath (path: string, target: string, cursor: string): string {
  const parameters = new URLSearchParams(queryOf(target))
  parameters.set('cursor', cursor)
  return `${path}?${parameters.toString()}`
}
