import { Type, TypeGuard, type SchemaOptions, type Static, type TInteger, type TObject, type TProperties, type TSchema, type TUnsafe } from '@sinclair/typebox'
import { mapValues } from './keywords.js'
import type { ObjectSchema } from './keywords.js'
import { MOST_IN_FIELDS } from './text.js'

/** How a filter compares: a record passes when its property is less than, at most, equal to, at least or greater than the value. */
export type Operator = 'lt' | 'lte' | 'eq' | 'gte' | 'gt'

/** A query parameter of the list that keeps only some records. */
export interface Filter<Property extends string = string> {
  /** The property that it looks at. */
  property: Property
  operator: Operator
  /** What the parameter may be; its `default` holds where a request does not name it. */
  schema: TSchema
}

/** A resource as a person defines it; `defineResource` derives the rest. */
export interface Definition<P extends TProperties> {
  /** The name of one record, in snake case. The path parameter and the components of the documentation are named after it. */
  name: string
  /** The name of several records, in snake case. The path and the member of the list are named after it. */
  plural: string
  /** One sentence, for the documentation. */
  description: string
  /** The properties that clients write, in the order in which they are sent; `id` comes before them by itself. */
  properties: P
  filters: Record<string, Filter<keyof P & string>>
  /** The records of a new store; also the examples of the documentation, so at least one. */
  records: readonly [Static<TObject<P>>, ...Static<TObject<P>>[]]
}

/** The properties of a record that clients write and stores hold: all but the id. */
export type Fields = Readonly<Record<string, unknown>>

/** A record of any resource. */
export type Item = Fields & { readonly id: number }

/** A resource: its definition, and all that follows from it. */
export interface Resource {
  name: string
  plural: string
  description: string
  filters: Readonly<Record<string, Filter>>
  records: readonly Fields[]
  /** The path parameter's name. */
  idName: string
  /** The names of one record and of several in plain words, for sentences. */
  label: { one: string, many: string }
  /** The same names in Pascal case, for components and operations. */
  title: { one: string, many: string }
  /** The properties that a list can be sorted by: `id` and all others. */
  sortable: readonly string[]
  schemas: Schemas
}

/** The schemas of a resource. Each body has an `$id`, the name of its component in the documentation. */
export interface Schemas {
  /** A record, as responses show it. */
  record: TSchema & ObjectSchema
  /** The body of a POST: without an id, because the server gives it. */
  creation: TSchema
  /** The body of a PUT, and the result of a PATCH. A client may send back the id that it read. */
  replacement: TUnsafe<Fields>
  /** The body of a JSON Merge Patch (RFC 7396): some of the properties that PUT takes. */
  mergePatch: TSchema
  /** A page of the list. */
  page: TSchema
  /** The path parameter. */
  params: TSchema
  /** The query parameters of the list. */
  query: TObject
}

/** Derives a resource from its definition. */
export function defineResource<P extends TProperties> (definition: Definition<P>) {
  const { name, plural, description, filters, records } = definition
  const idName = `${name}_id`
  const label = { one: inWords(name), many: inWords(plural) }
  const title = { one: inPascalCase(name), many: inPascalCase(plural) }
  const sortable = ['id', ...Object.keys(definition.properties)]

  const bodies = bodySchemas(definition, title.one, label.one)
  const params = Type.Object({ [idName]: Id(`The id of the ${label.one}`, { examples: [0], 'x-messages': { type: 'must be a non-negative safe integer in decimal digits' } }) })
  const query = querySchema(filters, sortable)
  const page = pageSchema(plural, title.one, label.many, bodies.record)

  const schemas = { ...bodies, page, params, query }
  return { name, plural, description, filters, records, idName, label, title, sortable, schemas } satisfies Resource
}

function bodySchemas<P extends TProperties> ({ properties, description, records: [first] }: Definition<P>, title: string, label: string) {
  const closed = { additionalProperties: false }
  const record = Type.Object({ id: Id('Given by the server, never given again'), ...properties }, {
    $id: title,
    description,
    examples: [{ id: 0, ...first }],
    ...closed
  })
  const creation = Type.Object(properties, {
    $id: `New${title}`,
    description: `A ${label} to create: the server gives the id`,
    examples: [first],
    ...closed
  })
  const whole = Type.Object({ id: Type.Optional(Id('If sent, the id in the path')), ...properties }, {
    $id: `${title}Replacement`,
    description: `A whole ${label}, in place of what was there`,
    examples: [first],
    ...closed
  })
  const replacement = Type.Unsafe<Fields>(whole)
  const mergePatch = Type.Object(mapValues(whole.properties, (schema, name) => Type.Optional(name === 'id' || TypeGuard.IsOptional(schema) ? Removable(schema) : schema)), {
    $id: `${title}MergePatch`,
    description: `The properties to change (JSON Merge Patch, RFC 7396); the ${label} that results must be a whole one`,
    examples: [lastProperty(first)],
    // Null for an unknown member removes what is not there: no change. (`additionalProperties` would give each property that type in generated clients.)
    unevaluatedProperties: Type.Null()
  })
  return { record, creation, replacement, mergePatch }
}

function pageSchema (plural: string, title: string, label: string, record: TSchema): TObject {
  return Type.Object({
    [plural]: Type.Array(record, { maxItems: MOST_ON_PAGE }),
    next: Type.Optional(Type.String({
      format: 'uri-reference',
      maxLength: MOST_IN_FIELDS,
      description: 'The path of the next page, to be requested as it is; not there on the last page'
    }))
  }, { $id: `${title}Page`, description: `A page of ${label}`, additionalProperties: false })
}

function querySchema (filters: Readonly<Record<string, Filter>>, sortable: readonly string[]): TObject {
  const key = `-?(${sortable.join('|')})`
  return Type.Object({
    ...mapValues(filters, ({ schema }) => Type.Optional(schema.type === 'integer' ? { ...SAFE, ...schema } : schema)),
    sort: Type.Optional(Type.String({
      pattern: `^${key}(,${key})*$`,
      maxLength: MOST_IN_FIELDS,
      default: 'id',
      examples: [`-${sortable.at(-1)},id`],
      description: `What to order by, comma-separated, "-" before one for descending: ${sortable.join(', ')}. The id breaks every tie.`,
      'x-messages': { pattern: `must be a comma-separated list of ${sortable.join(', ')}, each optionally preceded by "-" for descending` }
    })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: MOST_ON_PAGE, default: 100, examples: [10], description: 'The most that a page holds' })),
    cursor: Type.Optional(Type.String({ maxLength: MOST_IN_FIELDS, examples: ['iL8EzP00ps6ibjE5NzAAdFBhc2NhbABuNg'], description: 'Where the page begins: taken from the `next` of the page before' }))
  }, { additionalProperties: false })
}

/** The most records on a page. */
const MOST_ON_PAGE = 1000

/** The safe integers: a number of JavaScript tells each of them from its neighbours. */
const SAFE = { minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER }

/** A property that a merge patch may remove, by null (RFC 7396). */
const Removable = (schema: TSchema) => Type.Union([schema, Type.Null()])

const Id = (description: string, options: SchemaOptions = {}): TInteger =>
  Type.Integer({ ...SAFE, minimum: 0, description, ...options })

const lastProperty = (record: object) => Object.fromEntries(Object.entries(record).slice(-1))

const inWords = (snake: string) => snake.replaceAll('_', ' ')

const inPascalCase = (snake: string) =>
  snake.split('_').map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')
