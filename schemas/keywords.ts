/**
 * The keywords of a schema that this API looks at. A schema of TypeBox has `any` for each, and so for each mistake: it is taken
 * as one of these wherever its keywords are read.
 */
export interface Keywords {
  readonly type?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly maxLength?: number
  readonly items?: Keywords
  readonly maxItems?: number
  readonly properties?: Properties
  readonly required?: readonly string[] | undefined
  readonly additionalProperties?: unknown
  readonly unevaluatedProperties?: unknown
  readonly examples?: readonly unknown[]
  /** In words, the rule of each keyword that says too little by itself. */
  readonly 'x-messages'?: Readonly<Record<string, string>>
}

export type Properties = Readonly<Record<string, Keywords>>

/** The schema of an object, as far as its properties go. */
export interface ObjectSchema {
  readonly properties: Properties
}

/** The keywords of one property of an object: none, where it has no such property. */
export function keywordsOf ({ properties }: ObjectSchema, property: string): Keywords {
  return properties[property] ?? {}
}

/** An object with the same names, whatever they are, and other values. */
export function mapValues<V, W> (values: Readonly<Record<string, V>>, map: (value: V, name: string) => W): Record<string, W> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, map(value, name)]))
}
