import { KindGuard, type Static, type TSchema } from '@sinclair/typebox'
import type { FastifyRequest, FastifySchema } from 'fastify'
import { Ajv, type ErrorObject } from 'ajv'
import formats from 'ajv-formats'
import type { Violation } from '../schemas/problem.js'
import type { Keywords } from '../schemas/keywords.js'
import { badRequest } from './error.js'
import { escapeToken, isObject, unescapeToken } from './json.js'
import { readQuery } from './query.js'

/** The part of a request that a value came from. */
export type Part = Violation['in']

const NONE: readonly Violation[] = []

const createAjv = (useDefaults: boolean) => formats.default(new Ajv({
  allErrors: true,
  coerceTypes: false,
  useDefaults,
  allowUnionTypes: true,
  // Of numbers such as 19.99, a multiple of 0.01, JavaScript has only the nearest.
  multipleOfPrecision: 9,
  // A schema that a person brings need not say what a validator can find out.
  strictTypes: false,
  strictTuples: false,
  // To check the schemas too, at each start, takes as long as to compile them all.
  validateSchema: false,
  // A schema may be a part of another, and so be compiled twice; its `$id` is for the documentation alone.
  addUsedSchema: false,
  // An error then carries its schema, for the words of `x-messages`, and its value.
  verbose: true,
  keywords: ['x-messages', 'style', 'explode']
})).addFormat('date', isDate).addFormat('date-time', isTime).addFormat('uuid', /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i)

const filling = createAjv(true)
const plain = createAjv(false)

/** A date that databases know, whose years begin with 1. */
export function isDate (text: string): boolean {
  return /^(?!0000)\d{4}-\d\d-\d\d$/.test(text) && new Date(text).toJSON()?.startsWith(text) === true
}

/** A time of RFC 3339, section 5.6, in milliseconds at most, and within the years that a date may have. */
export function isTime (text: string): boolean {
  const [, date = '', minutes = 0] = /^(\d{4}-\d\d-\d\d)T(?:[01]\d|2[0-3]):\d\d:\d\d(?:\.\d{1,3})?(?:Z|[+-]\d\d:(\d\d))$/i.exec(text) ?? []
  return isDate(date) && Number(minutes) < 60 && /^(?!0000)\d{4}-/.test(new Date(text).toJSON() ?? '')
}

/**
 * Compiles a schema, once, for values from one part of a request. Values get the schema's defaults filled in, unless `defaults` is false. In
 * path and query, which are text, the values of the types that the schema asks for take the place of their text.
 */
export function compile<S extends TSchema> (schema: S, part: Part, { defaults = true } = {}) {
  const validate = (defaults ? filling : plain).compile<Static<S>>(schema)
  const prepare = PREPARE[part](schema)
  const holdsText = part !== 'header' && mayHoldText(schema)
  return { check, parse }

  /** Lists the rules that a value breaks. */
  function check (value: unknown): readonly Violation[] {
    const prepared = prepare(value)
    const isValid = validate(prepared)
    if (isValid && !(holdsText && hasBadValue(prepared))) return NONE
    const violations = violationsOf(validate.errors, part)
    const isNamed = (bad: Violation) => violations.some(({ pointer, parameter }) => pointer === bad.pointer && parameter === bad.parameter)
    return [...violations, ...badValues(prepared, part).filter((bad) => !isNamed(bad))]
  }

  /** Returns a value as what the schema says it is. Throws 400 with every rule that it breaks, and with `others`, which it breaks beside the schema. */
  function parse (value: unknown, others = NONE): Static<S> {
    const violations = [...check(value), ...others]
    if (violations.length === 0) return value
    throw badRequest(violations)
  }
}

/** The rules of a route that its schemas cannot say. */
export interface OtherRules {
  /** Lists those that a request breaks. */
  rules? (request: FastifyRequest): readonly Violation[]
  /**
   * True where the handler judges the body, by its schema and these rules, after the record was found and the preconditions hold. The
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
  path: (schema) => readText(schema, true),
  query: readText,
  header: pickFields
}

/**
 * A path, a query and an environment are text: reads the values of other types that a schema asks for, in place. Text that spells none stays, for
 * validation to name it; also another spelling of one than it is written with, where `isExact`, so that no two paths lead to one record.
 */
function readText ({ properties = {} }: Keywords, isExact = false) {
  const readers = Object.entries(properties).flatMap(([name, schema]) => {
    const read = readerOf(schema)
    return read === undefined ? [] : [{ name, read }]
  })
  return (values: unknown) => {
    if (isObject(values)) {
      for (const { name, read } of readers) {
        const value = values[name] === undefined ? undefined : read(values[name])
        if (!isExact || String(value) === values[name]) values[name] = value
      }
    }
    return values
  }
}

type ReadValue = (text: unknown) => unknown

function readerOf ({ type, items = {} }: Keywords): ReadValue | undefined {
  if (type !== 'array') return READERS.get(String(type))
  const read = readerOf(items) ?? ((text) => text)
  // A parameter that is an array already was given more than once.
  return (text) => typeof text === 'string' ? text.split(',').map(read) : [text]
}

const READERS: ReadonlyMap<string, ReadValue> = new Map(Object.entries<ReadValue>({
  // An integer has one spelling: the one that it is written with.
  integer: (text) => Number.isSafeInteger(Number(text)) && String(Number(text)) === text ? Number(text) : text,
  // A number has those of JSON (RFC 8259, section 6).
  number: (text) => /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/.test(String(text)) ? Number(text) : text,
  boolean: (text) => text === 'true' || (text === 'false' ? false : text)
}))

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

/** Violations of what a programmer gives, in one line; `at` is where it is. */
export function describeViolations (violations: readonly Violation[], at = ''): string {
  return violations.map(({ pointer, detail }) => `${`${at}${pointer}`.replace(/^\//, '')} ${detail}`).join('; ')
}

function toViolation (error: ErrorObject, part: Part): Violation {
  const pointer = error.instancePath + propertyOf(error)
  return violationAt(pointer, part, detailOf(error, part))
}

function violationAt (pointer: string, part: Part, detail: string): Violation {
  const [, parameter = ''] = pointer.split('/')
  return part === 'body' ? { in: part, pointer, detail } : { in: part, parameter: unescapeToken(parameter), detail }
}

/** No text may have U+0000, which no text of PostgreSQL can hold, or a lone surrogate, which UTF-8 has not. */
const isBad = (text: string): boolean => text.includes('\0') || !text.isWellFormed()

/** Tells whether a valid value may have a text in it; fields have none that is bad, as Node.js reads their bytes. */
const mayHoldText = ({ properties }: Keywords): boolean =>
  properties === undefined || Object.values(properties).some(({ type }) => type !== 'integer' && type !== 'number' && type !== 'boolean')

function hasBadValue (value: unknown): boolean {
  if (typeof value === 'string') return isBad(value)
  if (typeof value === 'number') return !Number.isFinite(value)
  if (Array.isArray(value)) return value.some(hasBadValue)
  if (!isObject(value)) return false
  for (const name in value) if (isBad(name) || hasBadValue(value[name])) return true
  return false
}

function badValues (value: unknown, part: Part, pointer = ''): Violation[] {
  if (typeof value === 'string') return isBad(value) ? [violationAt(pointer, part, 'must be well-formed Unicode, without a lone surrogate or U+0000')] : []
  if (typeof value === 'number') return Number.isFinite(value) ? [] : [violationAt(pointer, part, 'must be a number that is not too large')]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, member]) => badValues(isBad(name) ? name : member, part, `${pointer}/${escapeToken(name)}`))
}

/** A missing or unknown property is itself the place of the violation, not the object that it is not, or should not be, in. */
function propertyOf ({ keyword, params }: ErrorObject): string {
  if (keyword === 'required') return '/' + escapeToken(String(params.missingProperty))
  if (keyword === 'additionalProperties') return '/' + escapeToken(String(params.additionalProperty))
  return ''
}

function detailOf ({ keyword, message = '', data, schema, parentSchema = {} }: ErrorObject, part: Part): string {
  const { 'x-messages': messages = {} } = parentSchema as Keywords
  if (part === 'query' && keyword === 'type' && Array.isArray(data)) return 'must be given only once'
  if (keyword === 'enum' && Array.isArray(schema)) return `must be one of ${schema.map(String).join(', ')}`
  if (keyword === 'type') return messages.type ?? `must be ${[schema].flat().join(' or ')}`
  return messages[keyword] ?? DETAILS[keyword] ?? message
}

/** Where the words of the validator do not fit the place that a violation names. */
const DETAILS: Readonly<Record<string, string>> = { required: 'is required', additionalProperties: 'is unknown' }
