/**
 * The keywords of a schema that this API looks at. A schema of TypeBox has `any` for each, and so for each mistake: it is taken
 * as one of these wherever its keywords are read.
 */
export interface Keywords {
  readonly type?: string | readonly string[] | undefined
  readonly format?: string
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly default?: unknown
  readonly nullable?: boolean
  readonly pattern?: string
  readonly readOnly?: boolean
  readonly anyOf?: readonly Keywords[]
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly items?: Keywords
  readonly maxItems?: number
  readonly properties?: Properties
  readonly required?: readonly string[] | undefined
  readonly additionalProperties?: unknown
  readonly patternProperties?: Properties
  readonly unevaluatedProperties?: unknown
  readonly description?: string
  readonly examples?: readonly unknown[]
  /** In words, the rule of each keyword that says too little by itself. */
  readonly 'x-messages'?: Readonly<Record<string, string>>
}

export type Properties = Readonly<Record<string, Keywords>>

/** The most characters that a text may have. */
export function lengthOf ({ maxLength = Infinity, enum: values }: Keywords): number {
  return values === undefined ? maxLength : Math.max(...values.map((value) => Array.from(String(value)).length))
}

/** An object with the same names, whatever they are, and other values. */
export function mapValues<V, W> (values: Readonly<Record<string, V>>, map: (value: V, name: string) => W): Record<string, W> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, map(value, name)]))
}
