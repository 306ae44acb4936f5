import type { Database } from 'lmdb'
import { valueOf } from '../order.js'
import type { OrderedIndex } from '../ordered-index.js'
import type { Entry, Model } from '../store.js'
import { encodeKey, fromBytes, idOfKey, MOST_UNITS, toBytes, valueOfKey } from './keys.js'

/** An index in LMDB: a database whose keys hold the value and the id. A place is a key, or any text between two keys. */
export interface LmdbIndex extends OrderedIndex<string> {
  /** To be called in a transaction. */
  insert (entry: Entry): void
  /** To be called in a transaction. */
  remove (entry: Entry): void
}

export type Keys = Database<string, Buffer>

/** The most entries that an estimate counts. */
const MOST_COUNTED = 10_000

/** How many entries are read at once. */
const CHUNK = 256

/** The index of a property; `find` reads a record by its id. */
export function createLmdbIndex (keys: Keys, property: string, exact: boolean, find: (id: number) => Entry | undefined): LmdbIndex {
  return {
    property,
    exact,
    insert: (entry) => { keys.putSync(bytesOf(entry), '') },
    remove: (entry) => { keys.removeSync(bytesOf(entry)) },
    seek: encodeKey,
    valueAt,
    next: (position) => behind(keyFrom(position) ?? position),
    previous: (position) => keyBefore(position) ?? START,
    chunks,
    estimate,
    start: () => keyFrom(START) ?? START,
    end: () => behind(keyBefore(END) ?? START)
  }

  function bytesOf ({ item }: Entry): Buffer {
    return toBytes(encodeKey(valueOf(item, property), item.id))
  }

  function valueAt (position: string) {
    const key = keyFrom(position)
    return key === undefined ? undefined : valueOfKey(key)
  }

  function * chunks (from: string, to: string): Generator<readonly Entry[]> {
    let chunk: Entry[] = []
    for (const key of between(from, to)) {
      const entry = find(idOfKey(key))
      if (entry !== undefined) chunk.push(entry)
      if (chunk.length < CHUNK) continue
      yield chunk
      chunk = []
    }
    yield chunk
  }

  function estimate (from: string, to: string): number {
    const [next = END] = first({ start: toBytes(from), offset: MOST_COUNTED, limit: 1 })
    return next < to ? Infinity : [...between(from, to)].length
  }

  /** The first key that is not before a place. */
  function keyFrom (position: string): string | undefined {
    return first({ start: toBytes(position), limit: 1 })[0]
  }

  /** The last key before a place. */
  function keyBefore (position: string): string | undefined {
    return first({ start: toBytes(position), exclusiveStart: true, reverse: true, limit: 1 })[0]
  }

  function * between (from: string, to: string): Generator<string> {
    if (from >= to) return
    for (const key of keys.getKeys({ start: toBytes(from), end: toBytes(to) })) yield fromBytes(key)
  }

  function first (range: Parameters<Keys['getKeys']>[0]): string[] {
    return Array.from(keys.getKeys(range), fromBytes)
  }
}

/** Before every key. */
const START = '\0'
/** After every key. */
const END = '\xff'

/** The place right after a key. */
const behind = (key: string): string => key + '\0'

/** Whether keys tell all values of a property apart, which they do not for long texts. */
export function isExact ({ schema }: Model, property: string): boolean {
  const { type, maxLength = Infinity } = schema.properties[property]
  // A code point has two code units at most.
  return type !== 'string' || maxLength * 2 <= MOST_UNITS
}
