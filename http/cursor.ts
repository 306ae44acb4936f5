import { hash } from 'node:crypto'
import type { Item } from '../schemas/resource.js'
import type { SortKey, Value } from '../stores/store.js'
import { valueOf } from '../stores/order.js'

/** The characters of a cursor before its content: 72 bits of a digest of the content and the order it is for. */
const SEAL_LENGTH = 12

/**
 * Writes where a page ends: the values of the sort keys in its last record, so that the next page begins after
 * them, whether or not that record is still there.
 */
export function encodeCursor (last: Item, order: readonly SortKey[]): string {
  const values = propertiesOf(order).map((property) => valueOf(last, property))
  // No text here has a U+0000, so it can stand between them; JSON would write some characters sixfold.
  const content = values.map((value) => `${typeof value === 'number' ? 'n' : 't'}${value}`).join('\0')
  return seal(content, order) + Buffer.from(content).toString('base64url')
}

/** Reads what `encodeCursor` wrote for the same order; undefined for anything else. */
export function decodeCursor (cursor: string, order: readonly SortKey[]): Item | undefined {
  const content = Buffer.from(cursor.slice(SEAL_LENGTH), 'base64url').toString()
  if (cursor !== seal(content, order) + Buffer.from(content).toString('base64url')) return undefined
  const values = content.split('\0').map((value): Value => value.startsWith('n') ? Number(value.slice(1)) : value.slice(1))
  const last = Object.fromEntries(propertiesOf(order).map((property, i) => [property, values[i]]))
  return { ...last, id: Number(last.id) }
}

/** The order's properties, and the id that breaks its ties. */
const propertiesOf = (order: readonly SortKey[]) => [...order.map(({ property }) => property), 'id']

function seal (content: string, order: readonly SortKey[]): string {
  return hash('sha256', `${JSON.stringify(order)}\n${content}`, 'base64url').slice(0, SEAL_LENGTH)
}
