import { Type, type Static, type TObject, type TProperties, type TSchema } from '@sinclair/typebox'
import { bodySchemas } from './bodies.js'
import type { Definition, Fields, IdDefinition, OperationName, OperationOptions, RecordOf, Write } from './definition.js'
import { exampleOf } from './example.js'
import { readFilters, type Filter, type FilterDefinitions } from './filters.js'
import { lengthOf } from './keywords.js'
import { pageSchema, pathSchema, querySchema } from './parameters.js'
import { describeProperty, isName, isScalar, mayLack, SAFE, type Property } from './property.js'
import { misshapen } from './shape.js'

export type * from './definition.js'
export type { Filter, FilterOperator, Operator } from './filters.js'

/** A resource: its definition, and all that follows from it. */
export interface Resource {
  name: string
  plural: string
  description: string
  properties: readonly Property[]
  /** Who gives what identifies a record: the counter of the store, the server as a UUID, or the client with the record's own properties. */
  ids: 'counter' | 'uuid' | 'own'
  /** The properties that identify a record. They break every tie of an order. */
  key: readonly string[]
  unique: readonly (readonly string[])[]
  filters: Readonly<Record<string, Filter>>
  /** The properties that a list can be sorted by. */
  sortable: readonly string[]
  records: readonly Fields[]
  /** A record for the documentation; undefined where none can be made of the schema. */
  example: Fields | undefined
  /** The path of one record, with a parameter for each part of its key. */
  itemPath: string
  /** The names of one record and of several in plain words, for sentences. */
  label: { one: string, many: string }
  /** The same names in Pascal case, for components and operations. */
  title: { one: string, many: string }
  operations: { readonly [O in OperationName]?: OperationOptions | false }
  schemas: Schemas
  onWrite?(write: Write<Fields>): Fields
}

/** The schemas of a resource. Each body has an `$id`, the name of its component in the documentation. */
export interface Schemas {
  /** A record, as responses show it. */
  record: TSchema
  /** The body of a POST: without what the server gives. */
  creation: TSchema
  /** The body of a PUT. A client may send back what it read. */
  replacement: TObject
  /** The result of a PATCH: the same, but that nothing is filled in. */
  result: TObject
  /** The body of a JSON Merge Patch (RFC 7396): some of the properties that PUT takes. */
  mergePatch: TSchema
  /** A page of the list. */
  page: TSchema
  /** The path parameters. */
  params: TObject
  /** The query parameters of the list. */
  query: TObject
}

/**
 * Derives a resource from its definition. Throws, in one line, where the definition asks for what not every store can do in the same way.
 *
 * ```ts
 * const books = defineResource({ name: 'book', plural: 'books', description: 'A book', properties: { title: Type.String({ maxLength: 300 }) } })
 * ```
 */
export function defineResource<const P extends TProperties, const I extends IdDefinition<P> = 'counter', const F extends FilterDefinitions<P, F> = Record<never, never>> (definition: Definition<P, I, F>) {
  const wrong = (what: string) => new Error(`the resource ${definition.plural}: ${what}`)
  const fault = misshapen(definition)
  if (fault !== undefined) throw wrong(fault)
  const { name, plural, description, records = [], operations = {} } = definition
  const { ids, key, properties } = readProperties(definition, wrong)
  const scalars = new Map(properties.filter(isScalar).map((property) => [property.name, property]))
  const unique: readonly (readonly string[])[] = definition.unique ?? []
  const sortable = [...new Set([...key, ...definition.sortable ?? scalars.keys()])]
  const inLists = [...sortable, ...unique.flat()].find((name) => !scalars.has(name))
  if (inLists !== undefined) throw wrong(`${inLists} is no property that can be compared`)

  const label = { one: inWords(name), many: inWords(plural) }
  const title = { one: inPascalCase(name), many: inPascalCase(plural) }
  const filters = readFilters(definition.filters ?? {}, scalars, label.many, wrong)
  const example = exampleOf(properties, records[0])
  const identifying = key.flatMap((name) => properties.filter((property) => property.name === name))

  const bodies = bodySchemas(properties, { description, title: title.one, label: label.one, example })
  const params = Type.Object(Object.fromEntries(identifying.map((property) => [ids === 'own' ? property.name : `${name}_id`, pathSchema(property, label.one)])))
  const query = querySchema(filters, sortable, key, definition.page)
  const page = pageSchema(plural, title.one, label.many, bodies.record, definition.page)

  return {
    ...{ name, plural, description, properties, ids, key, unique, filters, sortable, records, example, label, title, operations },
    itemPath: Object.keys(params.properties).map((parameter) => `/:${parameter}`).join(''),
    schemas: { ...bodies, record: Type.Unsafe<RecordOf<P, I>>(bodies.record), creation: Type.Unsafe<Static<TObject<P>>>(bodies.creation), page, params, query },
    ...definition.onWrite && { onWrite: definition.onWrite }
  } satisfies Resource
}

/** The most characters of all texts of a key, or of a unique set, together: an index must have room for them. */
const MOST_IN_KEY = 400

/** More characters than a number, a time or a UUID has as a text. */
const LONGEST_SCALAR = 40

/** Who gives the id, the properties of the key, and all properties, an `id` that the server gives before the others. */
function readProperties<P extends TProperties> ({ properties: given, id = 'counter', unique = [], onWrite }: { properties: P, id?: IdDefinition<P>, unique?: readonly (readonly string[])[], onWrite?: unknown }, wrong: (what: string) => Error) {
  const ids = id === 'counter' || id === 'uuid' ? id : 'own'
  const key: readonly string[] = id === 'counter' || id === 'uuid' ? ['id'] : id
  if (ids !== 'own' && 'id' in given) throw wrong('the property id is the server\'s: give it another name')
  const keyed = new Set([...key, ...unique.flat()])
  const properties = Object.entries(ids === 'own' ? given : { id: ID[ids], ...given }).map(([name, schema]) => {
    const property = describeProperty(name, schema)
    if (property.kind !== 'text' || !keyed.has(name) || property.schema.enum) return property
    return { ...property, schema: { maxLength: MOST_IN_KEY, ...property.schema, ...key.includes(name) ? SEGMENT : {} } }
  })
  const misnamed = properties.find(({ name }) => !isName(name))
  if (misnamed !== undefined) throw wrong(`the property ${misnamed.name} must have a name of letters, digits and _`)
  const ungiven = properties.find(({ name, isReadOnly, isOptional, schema }) => isReadOnly && name !== 'id' && !isOptional && !('default' in schema))
  if (ungiven !== undefined && onWrite === undefined) throw wrong(`the property ${ungiven.name} is readOnly and not optional, so there must be an onWrite that sets it`)
  for (const names of [key, ...unique]) {
    const members = properties.filter(({ name }) => names.includes(name))
    const length = members.reduce((sum, { schema }) => sum + lengthOf({ maxLength: LONGEST_SCALAR, ...schema }), 0)
    if (length > MOST_IN_KEY) throw wrong(`its key of ${names.join(' and ')} may have ${length} characters, but an index has room for ${MOST_IN_KEY}`)
    if (names === key && members.some(mayLack)) throw wrong('a property of its id must be neither optional nor nullable')
  }
  const own = ids === 'own' ? properties.filter(({ name }) => key.includes(name)) : []
  if (own.some(({ isReadOnly, schema }) => isReadOnly || 'default' in schema)) throw wrong('a property of its id must be neither readOnly nor have a default')
  if (own.some(({ schema: { enum: values = [] } }) => ['', '.', '..'].some((text) => values.includes(text)))) throw wrong('a property of its id must have no value that is no segment of a path')
  return { ids, key, properties } as const
}

const ID = {
  counter: Type.Integer({ ...SAFE, minimum: 0, readOnly: true, examples: [0], description: 'Given by the server, never given again', 'x-messages': { type: 'must be a non-negative safe integer in decimal digits' } }),
  uuid: Type.String({ format: 'uuid', readOnly: true, description: 'A UUID (version 7) that the server gives' })
}

/** A path has no segments of these: a client takes them for something else. */
const SEGMENT = { minLength: 1, not: { enum: ['.', '..'] }, 'x-messages': { not: 'must not be . or ..' } }

const inWords = (snake: string) => snake.replaceAll('_', ' ')

const inPascalCase = (snake: string) =>
  snake.split('_').map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')
