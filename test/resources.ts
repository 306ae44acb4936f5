import { Type, type TSchema } from '@sinclair/typebox'
import { defineResource } from '../schemas/resource.js'

const Text = (maxLength: number) => Type.String({ maxLength })
const Nullable = <T extends TSchema> (schema: T) => Type.Union([schema, Type.Null()])

/** The definition of a resource with every kind of property. */
export const THINGS = {
  name: 'thing',
  plural: 'things',
  description: 'One of every kind',
  properties: {
    shelf: Text(100),
    place: Type.Integer(),
    label: Text(300),
    code: Type.Optional(Text(100)),
    count: Type.Integer({ minimum: -1000, maximum: 1000 }),
    rank: Nullable(Type.Integer()),
    weight: Type.Optional(Type.Number()),
    open: Type.Boolean({ default: true }),
    lent: Type.Optional(Type.Boolean()),
    genre: Type.Union([Type.Literal('novel'), Type.Literal('essay')], { default: 'novel' }),
    level: Type.Optional(Type.Union([Type.Literal(1), Type.Literal(2)])),
    day: Type.Optional(Type.String({ format: 'date' })),
    at: Nullable(Type.String({ format: 'date-time' })),
    token: Type.Optional(Type.String({ format: 'uuid' })),
    mail: Type.Optional(Type.String({ format: 'email' })),
    note: Nullable(Text(2000)),
    tags: Type.Array(Text(100), { default: [] }),
    sizes: Type.Optional(Type.Array(Type.Number(), { minItems: 1 })),
    shape: Type.Optional(Type.Object({ width: Type.Number(), height: Type.Optional(Type.Number()) }, { additionalProperties: false })),
    extra: Type.Optional(Type.Object({ a: Type.Optional(Type.Integer()) })),
    made_at: Type.Optional(Type.String({ format: 'date-time', readOnly: true }))
  },
  unique: [['code'], ['day', 'count']],
  filters: {
    shelf: ['eq', 'prefix', 'in'],
    place: ['eq', 'lt', 'lte', 'gt', 'gte', 'in'],
    code: ['eq', 'exists', 'prefix', 'gte', 'lt'],
    count: ['eq', 'lt', 'gte'],
    rank: ['eq', 'lt', 'lte', 'gt', 'gte', 'in', 'exists'],
    weight: ['eq', 'lt', 'lte', 'gt', 'gte', 'in', 'exists'],
    open: ['eq'],
    lent: ['eq', 'exists', 'in', 'gte'],
    genre: ['eq', 'in'],
    level: ['eq', 'in'],
    day: ['eq', 'lt', 'gte', 'exists'],
    at: ['eq', 'lt', 'gte', 'in', 'exists'],
    token: ['eq', 'in', 'lt'],
    note: ['eq', 'prefix', 'exists'],
    lighter_than: { property: 'weight', operator: 'lt' }
  }
} as const

/** A resource with every kind of property, which two of its own identify. */
export const things = defineResource({ ...THINGS, id: ['shelf', 'place'] })

/** The same with ids that are UUIDs. */
export const uuidThings = defineResource({ ...THINGS, id: 'uuid' })
