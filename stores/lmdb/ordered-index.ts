import type { Database } from 'lmdb'
import { lengthOf } from '../../schemas/keywords.js'
import { AFTER, BEFORE, compareIds, type Place } from '../conditions.js'
import type { OrderedIndex, WritableIndex } from '../local/ordered-index.js'
import type { Entry, Id, Model, Value } from '../store.js'

/** A value or an id as a key of LMDB has it. */
export type Spelled = string | number

/** The keys of all indexes of a model, in one database: so a server can keep those too that only another one knows of. */
export type IndexKeys = Database<string, [property: string, value: Spelled, id: Spelled]>

/** The index of a property. */
export function createOrderedIndex (keys: IndexKeys, { key, properties }: Model, property: string, get: (id: Spelled) => Entry | undefined, valueIn: (entry: Entry, property: string) => Value): WritableIndex {
  const isText = (name: string) => properties.some((property) => property.name === name && property.kind === 'text')
  const most = key.some(isText) ? FEWER_UNITS : MOST_UNITS
  // Each character has two units at most.
  const isShort = properties.some(({ name, kind, schema }) => name === property && (kind !== 'text' || 2 * lengthOf(schema) <= most))
  const keyOf = (value: Value) => typeof value === 'string' ? beginningOf(value, most) : value
  const toKey = ({ value, id }: Place): [string, Spelled, Spelled] => [property, spell(keyOf(value)), spell(id === AFTER ? null : id)]
  const keyIn = (entry: Entry) => toKey({ value: valueIn(entry, property), id: entry.id })

  return {
    property,
    longest: isShort ? Infinity : most,
    keyOf,
    insert: (entry) => { keys.putSync(keyIn(entry), '') },
    remove: (entry) => { keys.removeSync(keyIn(entry)) },
    replace (old, entry) {
      if (valueIn(old, property) === valueIn(entry, property)) return
      keys.removeSync(keyIn(old))
      keys.putSync(keyIn(entry), '')
    },
    read ({ from = FIRST, to = LAST }, limit, reverse) {
      const [start, end] = reverse ? [to, from] : [from, to]
      return Array.from(keys.getKeys({ start: toKey(start), exclusiveStart: true, end: toKey(end), limit, reverse }))
        .map(([, , id]) => get(id))
        .filter((entry) => entry !== undefined)
    }
  }
}

/** The index of the ids, which are the keys of the records themselves. */
export function createIdIndex (records: Database<string, Spelled>, { key: [property = '', ...others] }: Model, decode: (id: Id, text: string) => Entry): OrderedIndex {
  return {
    property: others.length > 0 ? '' : property,
    longest: Infinity,
    keyOf: (value) => value,
    read: ({ from, to }, limit, reverse) => {
      const [start, end] = reverse ? [to, from] : [from, to]
      const first = start && { start: spell(idOf(start)), exclusiveStart: reverse ? sideOf(start) <= 0 : sideOf(start) >= 0 }
      const last = end && { end: spell(idOf(end)), inclusiveEnd: reverse ? sideOf(end) < 0 : sideOf(end) > 0 }
      return Array.from(records.getRange({ ...first, ...last, limit, reverse }), ({ key, value }) => decode(idIn(key), value))
    }
  }
}

/** The id that a place is at: that of a boolean is a text. */
const idOf = ({ value }: Place): Id | null => typeof value === 'boolean' ? String(value) : value

/** Less than zero before the id that a place is at, more behind it. */
const sideOf = (place: Place): number => compareIds(place.id, idOf(place) ?? AFTER)

/** The places before and after all. */
const FIRST: Place = { value: -Infinity, id: BEFORE }
const LAST: Place = { value: null, id: AFTER }

/** The most code units of a text that a key holds, so that it fits: LMDB takes 1,978 bytes, of which an id that is a text needs up to 1,600. */
const MOST_UNITS = 480
const FEWER_UNITS = 80

/** The beginning of a text, up to the end of a character. */
const beginningOf = (text: string, most: number): string => text.slice(0, isHighSurrogate(text.charCodeAt(most - 1)) ? most + 1 : most)

const isHighSurrogate = (unit: number): boolean => unit >= 0xd800 && unit < 0xdc00

/** Spells a value or an id so that the order of keys is the order of values: numbers, then text, then null. */
export function spell (value: Value): Spelled {
  if (value === null) return `${LAST_CHARACTER}!`
  // Zero has two spellings, but is one number.
  return typeof value === 'string' ? escape(value) : Number(value) + 0
}

/** The id that a key of a record spells. */
export function idIn (key: Spelled): Id {
  if (typeof key === 'number') return key
  const [beginning = '', ...controls] = key.split('\x05')
  const text = beginning + controls.map((part) => String.fromCharCode(part.charCodeAt(0) - 32) + part.slice(1)).join('')
  return text.startsWith(`${LAST_CHARACTER} `) ? `${LAST_CHARACTER}${text.slice(3)}` : text
}

/** The encoding of keys below lmdb gives U+0000 to U+0004 a meaning of their own: this spells control characters with those that are 32 above, and leaves room for null behind all text. */
const escape = (text: string): string =>
  (text.startsWith(LAST_CHARACTER) ? `${LAST_CHARACTER} ${text.slice(2)}` : text).replace(/[^ -\uffff]/g, (control) => `\x05${String.fromCharCode(control.charCodeAt(0) + 32)}`)

const LAST_CHARACTER = '\u{10FFFF}'
