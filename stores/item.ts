import type { Fields, Item } from '../schemas/resource.js'

/**
 * Makes the record with this id, whatever id its fields may bring. The copy begins with an empty object, which has a place
 * for its first properties in itself: it takes less time and memory than a copy that a spread makes.
 */
export function toItem (id: number, fields: Fields): Item {
  return Object.assign({}, { id }, fields, { id })
}
