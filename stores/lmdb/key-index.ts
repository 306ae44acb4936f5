import type { Database, RangeOptions, RootDatabase } from 'lmdb'
import { keywordsOf } from '../../schemas/keywords.js'
import { valueOf, type Place, type Stretch } from '../order.js'
import type { OrderedIndex, WritableIndex } from '../local/ordered-index.js'
import type { Entry, Model, Value } from '../store.js'

/** A key of an index in LMDB. */
type Key = [value: Value, id: number]

/** The index of a property that a model's records have; `find` reads one of them by its id. */
export function openKeyIndex (environment: RootDatabase, { schema }: Model, property: string, find: (id: number) => Entry | undefined): WritableIndex {
  const keys: Database<string, Key> = environment.openDB(`in the order of ${property}`, { encoding: 'string' })
  const { type, maxLength = Infinity } = keywordsOf(schema, property)
  // A code point has two code units at most.
  const longest = type !== 'string' || maxLength * 2 <= MOST_UNITS ? Infinity : MOST_UNITS

  return {
    property,
    longest,
    keyOf: beginningOf,
    insert: (entry) => { keys.putSync(keyOf(entry), '') },
    remove: (entry) => { keys.removeSync(keyOf(entry)) },
    replace (old, entry) {
      if (valueOf(old.item, property) === valueOf(entry.item, property)) return
      keys.removeSync(keyOf(old))
      keys.putSync(keyOf(entry), '')
    },
    read: (stretch, most, descending) => Array.from(keys.getKeys(rangeOf(stretch, toKey, most, descending)))
      .map(([, id]) => find(id))
      .filter((entry) => entry !== undefined)
  }

  function keyOf ({ item }: Entry): Key {
    return toKey({ value: valueOf(item, property), id: item.id })
  }
}

/** The index of the records' ids, which are the keys of the records themselves. */
export function createIdIndex<T> (records: Database<T, number>, decode: (content: T) => Entry): OrderedIndex {
  return {
    property: 'id',
    longest: Infinity,
    keyOf: (value) => value,
    read: (stretch, most, descending) => Array.from(records.getRange(rangeOf(stretch, toId, most, descending)), ({ value }) => decode(value))
  }
}

/** The keys of a stretch, in either direction: of a range in LMDB, the start is what it begins with. */
function rangeOf<K extends Key | number> ({ from, to }: Stretch, toKey: (place: Place) => K, limit: number, reverse: boolean): RangeOptions {
  const [start, end] = reverse ? [to, from] : [from, to]
  return { ...start && { start: toKey(start), exclusiveStart: true }, ...end && { end: toKey(end) }, limit, reverse }
}

function toKey ({ value, id }: Place): Key {
  const key = beginningOf(value)
  return [typeof key === 'number' ? key : escape(key), id]
}

/** A place between two ids is where neither is. */
const toId = ({ value, id }: Place): number => Number(value) + Math.sign(id - Number(value)) / 2

/** The most code units of a text that a key holds, so that it fits: LMDB takes 1,978 bytes. */
const MOST_UNITS = 480

/** What a key holds of a value: of a text, the beginning, up to the end of a character. */
function beginningOf (value: Value): Value {
  if (typeof value === 'number') return value
  return value.slice(0, isHighSurrogate(value.charCodeAt(MOST_UNITS - 1)) ? MOST_UNITS + 1 : MOST_UNITS)
}

const isHighSurrogate = (unit: number): boolean => unit >= 0xd800 && unit < 0xdc00

/** The encoding of keys below lmdb gives U+0000 to U+0004 a meaning of their own, in long texts and in short: this spells control characters with those that are 32 above. */
const escape = (text: string): string => text.replace(/[^ -\uffff]/g, (control) => `\x05${String.fromCharCode(control.charCodeAt(0) + 32)}`)
