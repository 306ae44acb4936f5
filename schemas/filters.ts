import { Type, type TProperties, type TSchema } from '@sinclair/typebox'
import type { Keywords } from './keywords.js'
import { isName, mayLack, SAFE, type Kind, type Property, type ScalarName } from './property.js'
import { MOST_IN_FIELDS } from './text.js'

/** How a store compares: a record passes when its property is less than, at most, equal to, at least or greater than a value, or equal to one of several. */
export type Operator = 'lt' | 'lte' | 'eq' | 'gte' | 'gt' | 'in'

/** How a filter compares: as a store does, or by the beginning of a text, or by whether there is a value at all. */
export type FilterOperator = Operator | 'prefix' | 'exists'

/** A query parameter of the list that keeps only some records. */
export interface Filter {
  readonly property: Property
  readonly operator: FilterOperator
  /** What the parameter may be; its `default` holds where a request does not name it. */
  readonly schema: TSchema
}

/** A filter with a name of its own. */
export interface NamedFilter<Name extends string> {
  readonly property: Name
  readonly operator: FilterOperator
  /** The value where a request does not name the parameter. Default: there is no such filter then. */
  readonly default?: string | number | boolean | readonly (string | number)[]
  readonly examples?: readonly unknown[]
  readonly description?: string
}

/** The filters of a resource: of a property, some operators; by any other name, a filter of its own. */
export type FilterDefinitions<P extends TProperties, F> = {
  readonly [K in keyof F]: (K extends ScalarName<P> ? readonly FilterOperator[] : never) | NamedFilter<ScalarName<P>>
}

/** The parameters of the filters that a resource declares: `eq` has the name of its property, the others are `PROPERTY_OPERATOR`. */
export function readFilters (definitions: object, scalars: ReadonlyMap<string, Property>, many: string, wrong: (what: string) => Error): Record<string, Filter> {
  const given: Readonly<Record<string, readonly FilterOperator[] | NamedFilter<string>>> = { ...definitions }
  const filters = Object.entries(given).flatMap(([name, filter]) => isOperators(filter)
    ? filter.map((operator) => filterOf(operator === 'eq' ? name : `${name}_${operator}`, { property: name, operator }))
    : [filterOf(name, filter)])
  const repeated = filters.find(([name], i) => filters.findIndex(([other]) => other === name) < i)
  if (repeated !== undefined) throw wrong(`two of its filters have the name ${repeated[0]}`)
  return Object.fromEntries(filters)

  function filterOf (name: string, { property: of, operator, ...options }: NamedFilter<string>): [string, Filter] {
    const property = scalars.get(of)
    if (property === undefined) throw wrong(`its filter ${name} looks at ${of}, which is no property that can be compared`)
    if (!isName(name)) throw wrong(`the filter ${name} must have a name of letters, digits and _`)
    if (RESERVED.has(name)) throw wrong(`its filter ${name} has the name of another parameter of the list`)
    const schema = SCHEMAS[operator]?.(property)
    if (schema === undefined) throw wrong(`its filter ${name} cannot compare ${of} by ${operator}`)
    const description = `Only ${many} whose ${of} ${WORDS[operator]}`
    return [name, { property, operator, schema: Type.Unsafe({ examples: property.schema.examples, ...schema, description, ...options }) }]
  }
}

const isOperators = (filter: readonly FilterOperator[] | NamedFilter<string>): filter is readonly FilterOperator[] => Array.isArray(filter)

const RESERVED: ReadonlySet<string> = new Set(['sort', 'limit', 'cursor', 'total'])

const WORDS: Readonly<Record<FilterOperator, string>> = {
  lt: 'is less than this',
  lte: 'is at most this',
  eq: 'is exactly this',
  gte: 'is at least this',
  gt: 'is greater than this',
  in: 'is one of these, which are separated by commas',
  prefix: 'begins with this',
  exists: 'has a value, or with `false`, has none'
}

/** The most values of a filter by `in`. */
const MOST_VALUES = 100

/** The schema of a filter's parameter, by its operator; undefined where a property cannot be compared so. */
const SCHEMAS: Readonly<Record<FilterOperator, (property: Property) => Keywords | undefined>> = {
  lt: boundOf,
  lte: boundOf,
  eq: valueOf,
  gte: boundOf,
  gt: boundOf,
  in: (property) => ({ type: 'array', items: valueOf(property), maxItems: MOST_VALUES, examples: [] }),
  prefix: ({ kind, schema: { maxLength = MOST_IN_FIELDS } }) => kind === 'text' ? { type: 'string', maxLength } : undefined,
  exists: (property) => mayLack(property) ? { type: 'boolean', examples: [true] } : undefined
}

/** A value that a property may have; a number may be any, because a filter may ask for what there cannot be. */
function valueOf ({ schema, kind }: Property): Keywords {
  const { default: _, readOnly, description, minimum, maximum, ...rules } = schema
  return { ...rules, ...BOUNDS[kind], ...kind === 'text' ? { maxLength: schema.maxLength ?? MOST_IN_FIELDS } : {} }
}

/** A value to compare with: it need not be one that the property may have. */
function boundOf ({ schema: { type, format, maxLength = MOST_IN_FIELDS, examples }, kind }: Property): Keywords {
  return { ...type && { type }, ...format && { format }, ...examples && { examples }, ...BOUNDS[kind], ...kind === 'text' ? { maxLength } : {} }
}

const BOUNDS: Partial<Record<Kind, Keywords>> = { integer: SAFE }
