import { Type, type SchemaOptions, type Static, type TInteger, type TObject, type TProperties, type TSchema, type TUnsafe } from '@sinclair/typebox'

/** How a filter compares: a record passes when its property is less than, greater than or equal to the value. */
export type Operator = 'lt' | 'gt' | 'eq'

/** A query parameter of the list that keeps only some records. */
export interface Filter<Property extends string = string> {
  /** The property that it looks at. */
  property: Property
  operator: Operator
  /** What the parameter may be; its `default` holds where a request does not name it. */
  schema: TSchema
}

/** What a person writes to have a resource. */
export interface Definition<P extends TProperties> {
  /** One of them, in snake case: it names the path parameter and the components. */
  name: string
  /** Several of them, in snake case: it names the path and the member of the list. */
  plural: string
  /** One sentence, for the documentation. */
  description: string
  /** The properties that clients write, in the order in which they are sent; `id` comes before them by itself. */
  properties: P
  filters: Record<string, Filter<keyof P & string>>
  /** What a new store starts with; also the examples of the documentation, so at least one. */
  records: readonly [Static<TObject<P>>, ...Static<TObject<P>>[]]
}

/** What a client writes and a store holds of one record, beside its id. */
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
  /** One and several of them in plain words, for sentences. */
  label: { one: string, many: string }
  /** One and several of them in Pascal case, for the names of components and operations. */
  title: { one: string, many: string }
  /** What a list can be sorted by: `id` and every property. */
  sortable: readonly string[]
  schemas: Schemas
}

/** The schemas of a resource. Each body has an `$id`, the name of its component in the documentation. */
export interface Schemas {
  /** What a response shows. */
  record: TSchema
  /** What POST takes: the server gives the id. */
  creation: TSchema
  /** What PUT takes and a PATCH must result in: a client may send the id back that it read. */
  replacement: TUnsafe<Fields>
  /** What a JSON Merge Patch (RFC 7396) names: some of what PUT takes. */
  mergePatch: TSchema
  /** The page of a list. */
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
  const params = Type.Object({ [idName]: Id(`The id of the ${label.one}`, { 'x-messages': { type: 'must be a non-negative safe integer in decimal digits' } }) })
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
  const mergePatch = Type.Partial(whole, {
    $id: `${title}MergePatch`,
    description: `The properties to change (JSON Merge Patch, RFC 7396); the ${label} that results must be a whole one`,
    examples: [lastProperty(first)],
    // To remove what is not there is no change.
    additionalProperties: Type.Null()
  })
  return { record, creation, replacement, mergePatch }
}

function pageSchema (plural: string, title: string, label: string, record: TSchema): TObject {
  return Type.Object({
    [plural]: Type.Array(record),
    next: Type.Optional(Type.String({
      format: 'uri-reference',
      description: 'The path of the next page, to be requested as it is; not there on the last page'
    }))
  }, { $id: `${title}Page`, description: `A page of ${label}`, additionalProperties: false })
}

function querySchema (filters: Readonly<Record<string, Filter>>, sortable: readonly string[]): TObject {
  const key = `-?(${sortable.join('|')})`
  return Type.Object({
    ...Object.fromEntries(Object.entries(filters).map(([parameter, { schema }]) => [parameter, Type.Optional(schema)])),
    sort: Type.Optional(Type.String({
      pattern: `^${key}(,${key})*$`,
      default: 'id',
      description: `What to order by, comma-separated, "-" before one for descending: ${sortable.join(', ')}. The id breaks every tie.`,
      'x-messages': { pattern: `must be a comma-separated list of ${sortable.join(', ')}, each optionally preceded by "-" for descending` }
    })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100, description: 'The most that a page holds' })),
    cursor: Type.Optional(Type.String({ description: 'Where the page begins: taken from the `next` of the page before' }))
  }, { additionalProperties: false })
}

const Id = (description: string, options: SchemaOptions = {}): TInteger =>
  Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, description, ...options })

const lastProperty = (record: object) => Object.fromEntries(Object.entries(record).slice(-1))

const inWords = (snake: string) => snake.replaceAll('_', ' ')

const inPascalCase = (snake: string) =>
  snake.split('_').map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')
