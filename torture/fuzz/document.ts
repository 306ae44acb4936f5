import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'

/** The keywords of a schema that requests are made by. */
export interface Schema {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly format?: string
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly anyOf?: readonly Schema[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: unknown
  readonly unevaluatedProperties?: unknown
  readonly items?: Schema
  readonly minItems?: number
  readonly maxItems?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly readOnly?: boolean
  readonly examples?: readonly unknown[]
}

export interface Parameter {
  readonly in: 'path' | 'query' | 'header'
  readonly name: string
  readonly schema: Schema
}

type Content = Readonly<Record<string, { readonly schema: Schema }>>

export interface Response {
  readonly headers?: Readonly<Record<string, { readonly schema: Schema }>>
  readonly content?: Content
  readonly links?: Readonly<Record<string, { readonly operationId: string, readonly parameters: Readonly<Record<string, string>> }>>
}

export interface Operation {
  readonly method: string
  readonly path: string
  readonly operationId: string
  readonly parameters: readonly Parameter[]
  readonly requestBody?: { readonly content: Content }
  readonly responses: Readonly<Record<string, Response>>
}

interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Omit<Operation, 'method' | 'path' | 'parameters'> & { parameters?: readonly Parameter[] }>>>>
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> }
}

/** An OpenAPI document, as the one thing that is known of a server. */
export type Document = ReturnType<typeof readDocument>

export function readDocument ({ paths, components }: OpenApi) {
  const ajv = formats.default(new Ajv2020({ strict: false }))
  const compiled = new WeakMap<Schema, (value: unknown) => boolean>()
  const operations: readonly Operation[] = Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ parameters: [], ...operation, method: method.toUpperCase(), path })))
  return { operations, methodsOf, resolve, takes, keyOf, names: [...new Set(namesIn(components))], problem: components.schemas.Problem ?? {} }

  /** The methods that a path takes, HEAD with GET. */
  function methodsOf (path: string): string[] {
    return operations.filter((operation) => operation.path === path).flatMap(({ method }) => method === 'GET' ? ['GET', 'HEAD'] : [method])
  }

  function resolve (schema: Schema): Schema {
    return schema.$ref === undefined ? schema : resolve(components.schemas[schema.$ref.replace('#/components/schemas/', '')] ?? {})
  }

  function takes (schema: Schema, value: unknown): boolean {
    let validate = compiled.get(schema)
    if (validate === undefined) {
      validate = ajv.compile({ ...schema, components })
      compiled.set(schema, validate)
    }
    return validate(value)
  }

  /** The properties of a record that the parameters of its path have, as the links say that lead from its representation to an operation. */
  function keyOf ({ operationId, parameters }: Operation): [parameter: Parameter, property: string][] {
    const links = operations.flatMap(({ responses }) => Object.values(responses).flatMap(({ links = {} }) => Object.values(links)))
    const pointers = links.filter((link) => link.operationId === operationId).flatMap(({ parameters }) => Object.entries(parameters))
    return parameters.filter((parameter) => parameter.in === 'path').map((parameter) => {
      const [, property = ''] = pointers.flatMap(([name, pointer]) => name === parameter.name ? [/^\$response\.body#\/(\w+)$/.exec(pointer) ?? []] : []).find((found) => found.length > 0) ?? []
      return [parameter, property]
    })
  }
}

/** All names of properties in a schema. */
function namesIn (value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return []
  const { properties = {} } = value as Schema
  return [...Object.keys(properties), ...Object.values(value).flatMap(namesIn)]
}

/** What a text in a path, a query or a field stands for, where a schema asks for another type; text that spells none stays text. */
export function readText (text: string, { type, items = {} }: Schema): unknown {
  if (type === 'array') return text.split(',').map((part) => readText(part, items))
  const spells = SPELLED.get(String(type))
  return spells?.test(text) === true && (type !== 'integer' || Number.isSafeInteger(Number(text))) ? JSON.parse(text) : text
}

const SPELLED: ReadonlyMap<string, RegExp> = new Map([
  ['integer', /^(0|-?[1-9]\d*)$/],
  ['number', /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/],
  ['boolean', /^(true|false)$/]
])

/** Whether a value has what no body may have, whatever its schema says: U+0000, a lone surrogate, a number beyond all. */
export function isUnfit (value: unknown): boolean {
  if (typeof value === 'string') return value.includes('\0') || !value.isWellFormed()
  if (typeof value === 'number') return !Number.isFinite(value)
  return typeof value === 'object' && value !== null && Object.entries(value).some(([name, member]) => isUnfit(name) || isUnfit(member))
}
