import { Type, type SchemaOptions, type TUnsafe } from '@sinclair/typebox'

/** One of a few strings, as a plain `enum`: a union of literals would report a broken rule once for each. */
export function StringEnum<const V extends readonly string[]> (values: V, options: SchemaOptions = {}): TUnsafe<V[number]> {
  return Type.Unsafe<V[number]>({ type: 'string', enum: values, ...options })
}
