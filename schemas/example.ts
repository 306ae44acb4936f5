import type { Fields } from './definition.js'
import type { Keywords } from './keywords.js'
import type { Property } from './property.js'

/** A record for the documentation: the first that there is, or one of examples, if each property that it must have has one. */
export function exampleOf (properties: readonly Property[], first?: Fields): Fields | undefined {
  const examples = properties.map((property) => [property, first?.[property.name] ?? exampleValue(property.schema) ?? (property.isNullable ? null : undefined)] as const)
  if (examples.some(([property, value]) => value === undefined && !property.isOptional)) return undefined
  return Object.fromEntries(examples.filter(([, value]) => value !== undefined).map(([{ name }, value]) => [name, value]))
}

/** An example of a property's values: its own, or one that its type allows. */
function exampleValue ({ examples: [first] = [], default: usual = first, type, format, minimum = -Infinity, maximum = Infinity, minLength = 0, maxLength = Infinity, ...rules }: Keywords): unknown {
  const simple = EXAMPLES.get(String(format ?? type))
  const possible = typeof simple === 'number' ? Math.max(minimum, Math.min(maximum, simple)) : simple
  const isFree = Object.keys(rules).every((rule) => FREE.has(rule)) && maxLength >= String(simple).length && minLength <= String(simple).length
  return usual ?? rules.enum?.[0] ?? (isFree ? possible : undefined)
}

const EXAMPLES: ReadonlyMap<string, unknown> = new Map(Object.entries({
  boolean: true,
  date: '2001-01-01',
  'date-time': '2001-01-01T00:00:00.000Z',
  uuid: '01890a5d-ac96-774b-bcce-b302099a8057',
  number: 1.5,
  integer: 1,
  string: 'text',
  array: []
}))

/** The keywords that keep no example from being valid. */
const FREE: ReadonlySet<string> = new Set(['description', 'title', 'readOnly', 'items', 'maxItems', 'not', 'x-messages'])
