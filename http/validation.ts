import { KindGuard, type Static, type TSchema } from '@sinclair/typebox'
import type { FastifyRequest, FastifySchema } from 'fastify'
import { Ajv, type ErrorObject } from 'ajv'
import type { Violation } from '../schemas/problem.js'
import type { Keywords } from '../schemas/keywords.js'
import { badRequest } from './error.js'
import { escapeToken, isObject, unescapeToken } from './json.js'
import { readQuery } from './query.js'

/** The part of a request that a value came from. */
export type Part = Violation['in']

const NONE: readonly Violation[] = []

const ajv = new Ajv({
  allErrors: true,
  coerceTypes: false,
  useDefaults: true,
  // The schemas are our own: to check them too, at each start, takes as long as to compile them all.
  validateSchema: false,
  // A schema may be a part of another, and so be compiled twice; its `$id` is for the documentation alone.
  addUsedSchema: false,
  // An error then carries its schema, for the words of `x-messages`, and its value.
  verbose: true,
  formats: { 'well-formed': (text: string) => text.isWellFormed() },
  keywords: ['x-messages']
})

/**
 * Compiles a schema, once, for values from one part of a request. Values get the schema's defaults filled in. In path and
 * query, which are text, the integers that the schema asks for take the place of their text.
 */
export function compile<S extends TSchema> (schema: S, part: Part) {
  const validate = ajv.compile<Static<S>>(schema)
  const prepare = PREPARE[part](schema)
  return { check, parse }

  /** Lists the rules that a value breaks. */
  function check (value: unknown): readonly Violation[] {
    return validate(prepare(value)) ? NONE : violationsOf(validate.errors, part)
  }

  /** Returns a value as what the schema says it is. Throws 400 with every rule that it breaks, and with `others`, which it breaks beside the schema. */
  function parse (value: unknown, others = NONE): Static<S> {
    const prepared = prepare(value)
    if (validate(prepared) && others.length === 0) return prepared
    throw badRequest([...violationsOf(validate.errors, part), ...others])
  }
}

/** The rules of a route that its schemas cannot say. */
export interface OtherRules {
  /** Lists those that a request breaks. */
  rules? (request: FastifyRequest): readonly Violation[]
  /**
   * Whether the handler judges the body, by its schema and these rules, after the record was found and the preconditions hold. The
   * check then does so only where the rest of the request is refused, so that one answer names all.
   */
  judgesBody?: boolean
}

/**
 * Compiles the schemas of a route to the check of its requests, in all of their parts. It reads the query from the
 * target, whatever parser the host app has. It throws 400 with every rule that a request breaks.
 */
export function compileRequestCheck (schema: FastifySchema, { rules = () => NONE, judgesBody = false }: OtherRules): (request: FastifyRequest) => void {
  const checkPath = compilePart(schema.params, 'path')
  const readTarget = compileTarget(schema.querystring)
  const checkHeader = compilePart(schema.headers, 'header')
  const checkBody = compilePart(schema.body, 'body')
  return (request) => {
    const path = checkPath(request.params)
    const { values, violations: query } = readTarget(request.url)
    const header = checkHeader(request.headers)
    const count = path.length + query.length + header.length
    request.query = { ...values }
    if (count > 0 || !judgesBody) {
      const body = checkBody(request.body)
      const other = rules(request)
      if (count + body.length + other.length > 0) throw badRequest([...path, ...query, ...header, ...body, ...other])
    }
  }
}

/** Compiles the schema of a query to the function that reads it from a request target. */
function compileTarget (schema: unknown) {
  const check = compilePart(schema, 'query')
  const read = (target: string) => {
    const { values, violations } = readQuery(target)
    return { values, violations: [...violations, ...check(values)] }
  }
  // Most targets have no query: what that stands for, the defaults, is found once.
  const none = read('')
  return (target: string) => target.includes('?') ? read(target) : none
}

function compilePart (schema: unknown, part: Part): (value: unknown) => readonly Violation[] {
  return KindGuard.IsSchema(schema) ? compile(schema, part).check : () => NONE
}

/** Makes a value ready to be checked, as its part of a request needs. */
const PREPARE: Readonly<Record<Part, (schema: Keywords) => (value: unknown) => unknown>> = {
  body: () => (value) => value,
  path: readText,
  query: readText,
  header: pickFields
}

/** A path, a query and an environment are text: reads the integers that a schema asks for, in place. Text that spells none stays, for validation to name it. */
function readText ({ properties = {} }: Keywords) {
  const integers = Object.keys(properties).filter((name) => properties[name]?.type === 'integer')
  return (values: unknown) => {
    if (isObject(values)) {
      for (const name of integers) values[name] = readInteger(values[name])
    }
    return values
  }
}

/** An integer has one spelling: the one that it is written with. */
function readInteger (text: unknown): unknown {
  const number = Number(text)
  return Number.isSafeInteger(number) && String(number) === text ? number : text
}

/** Field names are case-insensitive (RFC 9110, section 5.1), and Node.js has them in lower case: picks those of a schema. */
function pickFields ({ properties = {} }: Keywords) {
  const names = Object.keys(properties).map((name) => ({ name, lower: name.toLowerCase() }))
  return (fields: unknown) => {
    const picked: Record<string, unknown> = {}
    if (isObject(fields)) {
      for (const { name, lower } of names) {
        if (fields[lower] !== undefined) picked[name] = fields[lower]
      }
    }
    return picked
  }
}

function violationsOf (errors: readonly ErrorObject[] | null | undefined, part: Part): readonly Violation[] {
  // `if` only repeats what its `then` has said.
  return (errors ?? []).filter(({ keyword }) => keyword !== 'if').map((error) => toViolation(error, part))
}

function toViolation (error: ErrorObject, part: Part): Violation {
  const pointer = error.instancePath + propertyOf(error)
  const detail = detailOf(error, part)
  return part === 'body' ? { in: part, pointer, detail } : { in: part, parameter: unescapeToken(pointer.slice(1)), detail }
}

/** A missing or unknown property is itself the place of the violation, not the object that it is not, or should not be, in. */
function propertyOf ({ keyword, params }: ErrorObject): string {
  if (keyword === 'required') return '/' + escapeToken(String(params.missingProperty))
  if (keyword === 'additionalProperties') return '/' + escapeToken(String(params.additionalProperty))
  return ''
}

function detailOf ({ keyword, message = '', data, schema, parentSchema = {} }: ErrorObject, part: Part): string {
  const { 'x-messages': messages = {} } = parentSchema as Keywords
  if (part === 'query' && Array.isArray(data)) return 'must be given only once'
  if (keyword === 'enum' && Array.isArray(schema)) return `must be one of ${schema.join(', ')}`
  return messages[keyword] ?? DETAILS[keyword] ?? message
}

/** Where the words of the validator do not fit the place that a violation names. */
const DETAILS: Readonly<Record<string, string>> = { required: 'is required', additionalProperties: 'is unknown' }
