import { Type, type TProperties, type TSchema } from '@sinclair/typebox'
import type { Fields } from './definition.js'
import { mapValues, type Keywords } from './keywords.js'
import { plainSchema, type Property } from './property.js'

interface Words {
  description: string
  /** The name of one record, in Pascal case and in words. */
  title: string
  label: string
  example: Fields | undefined
}

/** The schemas of what requests and answers have for one record. */
export function bodySchemas (properties: readonly Property[], { description, title, label, example }: Words) {
  const closed = { additionalProperties: false }
  const written = properties.filter(({ isReadOnly }) => !isReadOnly)
  const newExample = example && Object.fromEntries(written.filter(({ name }) => name in example).map(({ name }) => [name, example[name]]))
  const [examples, newExamples] = [example ? { examples: [example] } : {}, newExample ? { examples: [newExample] } : {}]
  const unlessGiven = (schema: TSchema, { isReadOnly }: Property) => isReadOnly ? Type.Optional(schema) : schema
  const record = Type.Object(schemasOf(properties), { $id: title, description, ...examples, ...closed })
  const creation = Type.Object(schemasOf(written, withDefault), {
    $id: `New${title}`,
    description: `A ${label} to create${written.length === properties.length ? '' : `: the server gives the ${properties.filter(({ isReadOnly }) => isReadOnly).map(({ name }) => name).join(' and the ')}`}`,
    ...newExamples,
    ...closed
  })
  const replacement = Type.Object(schemasOf(properties, (schema, property) => unlessGiven(withDefault(schema), property)), {
    $id: `${title}Replacement`,
    description: `A whole ${label}, in place of what was there`,
    ...newExamples,
    ...closed
  })
  const result = Type.Object(schemasOf(properties, unlessGiven), closed)
  const mergePatch = Type.Object(schemasOf(properties, (schema, { isReadOnly, isOptional }) => {
    // Nothing is filled in.
    const { default: _, ...part } = toPart(schema)
    return Type.Optional(isReadOnly || isOptional ? Removable(Type.Unsafe(part)) : Type.Unsafe(part))
  }), {
    $id: `${title}MergePatch`,
    description: `The properties to change (JSON Merge Patch, RFC 7396); the ${label} that results must be a whole one`,
    ...newExample && { examples: [lastProperty(newExample)] },
    // Null for an unknown member removes what is not there: no change. (`additionalProperties` would give each property that type in generated clients.)
    unevaluatedProperties: Type.Null()
  })
  return { record, creation, replacement, result, mergePatch }
}

/** The schemas of some properties, optional where they are, changed by `change`. */
function schemasOf (properties: readonly Property[], change = (schema: TSchema, _property: Property): TSchema => schema): TProperties {
  return Object.fromEntries(properties.map((property) => {
    const schema = plainSchema(property)
    return [property.name, change(property.isOptional ? Type.Optional(schema) : schema, property)]
  }))
}

/** A property with a default need not be sent. */
const withDefault = (schema: TSchema): TSchema => 'default' in schema ? Type.Optional(schema) : schema

/** The schema of a merge patch for an object: any of its members, of which null removes some (RFC 7396, section 2). */
function toPart (schema: Keywords): Keywords {
  if (schema.type !== 'object') return schema
  const { required, properties = {}, ...rest } = schema
  return { ...rest, properties: mapValues(properties, (member, name) => required?.includes(name) === true ? toPart(member) : Removable(Type.Unsafe(toPart(member)))) }
}

/** A property that a merge patch may remove, by null (RFC 7396). */
const Removable = (schema: TSchema) => Type.Union([schema, Type.Null()])

const lastProperty = (record: object) => Object.fromEntries(Object.entries(record).slice(-1))
