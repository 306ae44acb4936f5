import type { Keywords, Properties } from '../schemas/keywords.js'
import { MOST_VIOLATIONS } from '../schemas/problem.js'
import { isObject } from './json.js'

/**
 * Removes from a value what would only break the same rule again and again: unknown members beyond those that a problem
 * names, and elements beyond the first that is too many. To judge the value then takes little longer than to read it.
 * What the schema takes stays as it is. Returns how many unknown members are gone.
 */
export function removeSurplus (value: unknown, schema: Keywords): number {
  if (Array.isArray(value)) return removeFromArray(value, schema)
  return isObject(value) && schema.properties !== undefined ? removeFromObject(value, schema.properties, schema) : 0
}

function removeFromArray (elements: unknown[], { items = {}, maxItems = Infinity }: Keywords): number {
  elements.splice(maxItems + 1)
  return elements.reduce<number>((sum, element) => sum + removeSurplus(element, items), 0)
}

function removeFromObject (members: Record<string, unknown>, properties: Properties, { additionalProperties, unevaluatedProperties = additionalProperties }: Keywords): number {
  const isUnknown = (name: string) => !Object.hasOwn(properties, name) && !takes(unevaluatedProperties, members[name])
  const surplus = Object.keys(members).filter(isUnknown).slice(MOST_VIOLATIONS)
  for (const name of surplus) Reflect.deleteProperty(members, name)
  return Object.entries(properties).reduce((sum, [name, schema]) => sum + removeSurplus(members[name], schema), surplus.length)
}

/** Tells whether a schema takes members beside those that it names: any, or as a merge patch does, those that are to be removed. */
function takes (others: unknown, value: unknown): boolean {
  return others !== false && (value === null || !isObject(others) || others.type !== 'null')
}
