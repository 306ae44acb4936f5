import { v7 as uuid } from 'uuid'
import type { Keywords } from '../schemas/keywords.js'
import type { Fields, Item } from '../schemas/resource.js'
import { valueOf } from './order.js'
import type { Id, Model, Value } from './store.js'

/** A new record of a model: with the next number of its counter, with a new UUID, or with the properties of its own that identify it. */
export function identify ({ ids }: Pick<Model, 'ids'>, fields: Fields, next: () => number): Item {
  if (ids === 'own') return fields
  return withId(ids === 'counter' ? next() : uuid(), fields)
}

/**
 * Makes the record with this id, whatever id its fields may bring. The copy begins with an empty object, which has a place
 * for its first properties in itself: it takes less time and memory than a copy that a spread makes.
 */
function withId (id: Id, fields: Fields): Item {
  return Object.assign({}, { id }, fields, { id })
}

/** A record with other fields, but with the properties that identify it as they are. */
export function keepId ({ ids, key }: Pick<Model, 'ids' | 'key'>, { id, item }: { readonly id: Id, readonly item: Item }, fields: Fields): Item {
  if (ids !== 'own') return withId(id, fields)
  return { ...fields, ...Object.fromEntries(key.map((property) => [property, item[property]])) }
}

/** The function that finds the id by which a store knows a record, or a part of one: the value of its key or, of several values, a text in the same order. */
export function idReader (key: readonly string[]): (record: Fields) => Id {
  const [only = ''] = key
  if (key.length > 1) return (record) => key.map((property) => toOrdered(valueOf(record, property))).join('\0')
  return (record) => {
    const value = valueOf(record, only)
    return typeof value === 'number' || typeof value === 'string' ? value : String(value)
  }
}

/** A text whose order by code point is that of the values of a property. */
function toOrdered (value: Value): string {
  if (typeof value !== 'number') return String(value)
  const bits = Buffer.alloc(8)
  // Zero has two spellings, but is one number.
  bits.writeDoubleBE(value + 0)
  const number = bits.readBigUInt64BE()
  const ordered = value < 0 ? ~number & ALL_BITS : number | SIGN
  return ordered.toString(16).padStart(16, '0')
}

/** The function that finds the values of the key again of which `idReader` has made an id. */
export function keyOf ({ key, properties }: Pick<Model, 'key' | 'properties'>): (id: Id) => Value[] {
  if (key.length === 1) return (id) => [id]
  const kinds = key.map((name) => properties.find((property) => property.name === name)?.schema.type)
  return (id) => String(id).split('\0').map((text, i) => fromOrdered(text, kinds[i]))
}

function fromOrdered (text: string, type: Keywords['type']): Value {
  if (type === 'boolean') return text === 'true'
  if (type === 'string') return text
  const ordered = BigInt(`0x${text}`)
  const bits = Buffer.alloc(8)
  bits.writeBigUInt64BE(ordered < SIGN ? ~ordered & ALL_BITS : ordered ^ SIGN)
  return bits.readDoubleBE()
}

const ALL_BITS = 2n ** 64n - 1n
const SIGN = 2n ** 63n
