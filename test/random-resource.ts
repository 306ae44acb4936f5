import { Ajv2020 } from 'ajv/dist/2020.js'
import { Type, type TSchema } from '@sinclair/typebox'
import fc from 'fast-check'
import fastify, { type FastifyInstance } from 'fastify'
import type { Test } from 'tap'
import { createApi } from '../routes/api.js'
import { defineResource, type FilterOperator } from '../schemas/resource.js'
import { call } from './build.js'

type Value = unknown
type Fields = Record<string, unknown>
export type Pick = <T>(arbitrary: fc.Arbitrary<T>) => T

/** A kind of property: its schema, values that it takes, and others. */
interface Shape {
  schema: (options: object) => TSchema
  good: fc.Arbitrary<Value>
  bad: fc.Arbitrary<Value>
  /** What lists can do with it. */
  is: 'text' | 'scalar' | 'nested'
  /** Whether a key may have it. */
  inKey?: boolean
}

const NOT_TEXT = fc.constantFrom<Value>(null, 5, true, [], {}, 'a\0', '\ud800')
const NOT_NUMBER = fc.constantFrom<Value>(null, '5', true, [], {}, '')
const character = fc.constantFrom('a', 'b', 'B', 'é', '\u{1F600}', '\uffff', '/', '%', ' ', '"', '\\', '\u0001', '\u2028', '+', '.')
const text = (maxLength: number) => fc.string({ unit: character, maxLength })
const time = fc.date({ min: new Date('0001-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true }).map((date) => date.toISOString())
const times = fc.oneof(time, fc.constantFrom('2000-02-29T00:00:00.000Z', '1969-12-31T23:59:59.999Z'))
const integers = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constantFrom(2 ** 53 - 1, -(2 ** 53) + 1, 2 ** 31, -(2 ** 31) - 1))
const numbers = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constantFrom(0.1, -1.5, 1e300, -1e300, 5e-324, 2 ** 53, 1e21, 123456789.123)).map((n) => n + 0)
const json = fc.jsonValue({ maxDepth: 2, depthSize: 'small', stringUnit: 'grapheme' }).map(withoutBadText)

const SHAPES: readonly Shape[] = [
  { schema: (options) => Type.String({ maxLength: 12, ...options }), good: text(12), bad: fc.oneof(NOT_TEXT, fc.constant('x'.repeat(13))), is: 'text', inKey: true },
  { schema: (options) => Type.String(options), good: fc.oneof(text(30), fc.constantFrom('a'.repeat(1000), `${'a'.repeat(1000)}b`)), bad: NOT_TEXT, is: 'text' },
  { schema: (options) => Type.String({ pattern: '^[a-c]*$', maxLength: 50, ...options }), good: fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 4 }), bad: fc.oneof(NOT_TEXT, fc.constant('d')), is: 'text', inKey: true },
  { schema: (options) => Type.String({ format: 'email', ...options }), good: fc.constantFrom('a@example.org', 'b@example.org'), bad: fc.oneof(NOT_TEXT, fc.constantFrom('a', '')), is: 'text' },
  { schema: (options) => Type.Integer(options), good: integers, bad: fc.oneof(NOT_NUMBER, fc.constantFrom(1.5, 2 ** 53, -(2 ** 60), 1e300)), is: 'scalar', inKey: true },
  { schema: (options) => Type.Integer({ minimum: -5, maximum: 30, ...options }), good: fc.integer({ min: -5, max: 30 }), bad: fc.oneof(NOT_NUMBER, fc.constantFrom(-6, 31, 0.5)), is: 'scalar', inKey: true },
  { schema: (options) => Type.Number(options), good: numbers, bad: NOT_NUMBER, is: 'scalar', inKey: true },
  { schema: (options) => Type.Number({ exclusiveMinimum: 0, ...options }), good: numbers.filter((n) => n > 0), bad: fc.oneof(NOT_NUMBER, fc.constantFrom(0, -1)), is: 'scalar' },
  { schema: (options) => Type.Boolean(options), good: fc.boolean(), bad: fc.constantFrom<Value>(null, 'true', 0, []), is: 'scalar', inKey: true },
  { schema: (options) => Type.Union([Type.Literal('one'), Type.Literal('two'), Type.Literal('a b')], options), good: fc.constantFrom('one', 'two', 'a b'), bad: fc.constantFrom<Value>(null, 'three', 1, ''), is: 'scalar', inKey: true },
  { schema: (options) => Type.Union([Type.Literal(1), Type.Literal(2)], options), good: fc.constantFrom(1, 2), bad: fc.constantFrom<Value>(null, 3, '1', 1.5), is: 'scalar', inKey: true },
  { schema: (options) => Type.String({ format: 'date', ...options }), good: times.map((at) => at.slice(0, 10)), bad: fc.oneof(NOT_TEXT, fc.constantFrom('', '2001-02-29', '0000-01-01', '2001-1-1')), is: 'scalar', inKey: true },
  { schema: (options) => Type.String({ format: 'date-time', ...options }), good: times, bad: fc.oneof(NOT_TEXT, fc.constantFrom('', '2001-01-01', '2001-02-29T00:00:00Z', '2001-01-01T24:00:00Z')), is: 'scalar', inKey: true },
  { schema: (options) => Type.String({ format: 'uuid', ...options }), good: fc.oneof(fc.uuid(), fc.constant('01890a5d-ac96-774b-bcce-b302099a8057')), bad: fc.oneof(NOT_TEXT, fc.constantFrom('', 'x')), is: 'scalar', inKey: true },
  { schema: (options) => Type.Array(Type.String({ maxLength: 12 }), options), good: fc.array(text(12), { maxLength: 3 }), bad: fc.constantFrom<Value>(null, 'a', [null], [5], {}, ['\0'], ['x'.repeat(13)]), is: 'nested' },
  { schema: (options) => Type.Array(Type.Integer(), { minItems: 1, ...options }), good: fc.array(integers, { minLength: 1, maxLength: 3 }), bad: fc.constantFrom<Value>(null, [], ['1'], [1.5]), is: 'nested' },
  { schema: (options) => Type.Array(Type.Object({ b: Type.Number(), a: Type.Optional(Type.Boolean()) }, { additionalProperties: false }), options), good: fc.array(fc.oneof(fc.record({ b: numbers }), fc.record({ b: numbers, a: fc.boolean() })), { maxLength: 3 }), bad: fc.constantFrom<Value>(null, [{}], [{ b: 1, c: 1 }], [null]), is: 'nested' },
  { schema: (options) => Type.Object({ z: Type.Optional(Type.String()), a: Type.Integer(), in: Type.Object({ x: Type.Union([Type.Number(), Type.Null()]) }, { additionalProperties: false }) }, { additionalProperties: false, ...options }), good: fc.oneof(fc.record({ a: integers, in: fc.record({ x: fc.option(numbers) }) }), fc.record({ z: text(5), a: integers, in: fc.record({ x: fc.option(numbers) }) })), bad: fc.constantFrom<Value>(null, {}, { a: 1 }, { a: 1, in: { x: 'x' } }, { a: 1, in: { x: 1 }, y: 1 }, []), is: 'nested' },
  { schema: (options) => Type.Object({ a: Type.Optional(Type.Integer()) }, options), good: fc.dictionary(fc.constantFrom('z', '10', '9', 'é', '', 'a b', '~/"'), json, { maxKeys: 3, noNullPrototype: true }), bad: fc.constantFrom<Value>(null, [], 'x', { a: 'x' }, { z: '\0' }), is: 'nested' },
  { schema: (options) => Type.Record(Type.String(), Type.Integer(), options), good: fc.dictionary(fc.constantFrom('z', '10', '9', 'a'), integers, { maxKeys: 3, noNullPrototype: true }), bad: fc.constantFrom<Value>(null, [], { z: 'x' }), is: 'nested' },
  { schema: (options) => Type.Array(Type.Unknown(), options), good: fc.array(json, { maxLength: 3 }), bad: fc.constantFrom<Value>(null, {}, ['\0']), is: 'nested' }
]

/** JSON as stores keep it: no U+0000, no lone surrogate, and zero has one sign. */
function withoutBadText (value: unknown): unknown {
  return JSON.parse(JSON.stringify(value).replaceAll('\\u0000', '').replaceAll(/\\ud[89a-f]../g, ''))
}

interface Member extends Shape {
  name: string
  isOptional: boolean
  isNullable: boolean
  default?: Value
}

const NAMES = ['name', 'order', 'user', 'inPrint', 'a', 'a_b', 'group', 'x1', 'select', 'type', 'key', 'value', 'ID', 'etag', 'body'] as const

const OPERATORS: Readonly<Record<Shape['is'], readonly FilterOperator[]>> = {
  text: ['eq', 'lt', 'lte', 'gt', 'gte', 'in', 'prefix'],
  scalar: ['eq', 'lt', 'lte', 'gt', 'gte', 'in'],
  nested: []
}

/** A resource at random, and what a plain model of it must know. */
export function makeResource (pick: Pick, { name, plural } = { name: 'thing', plural: 'things' }) {
  const names = pick(fc.uniqueArray(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 7 }))
  const ids = pick(fc.constantFrom('counter', 'uuid', 'own'))
  const members: Member[] = names.map((name, i) => {
    const isKey = ids === 'own' && i === 0
    const shape = pick(fc.constantFrom(...SHAPES.filter(({ inKey }) => inKey || !isKey)))
    const use = isKey ? 'required' : pick(fc.constantFrom('required', 'required', 'optional', 'nullable'))
    const usual = ids !== 'own' && pick(fc.nat(3)) === 0 ? { default: pick(shape.good) } : {}
    return { ...shape, name, isOptional: use === 'optional', isNullable: use === 'nullable', ...usual }
  })
  const scalars = members.filter(({ is }) => is !== 'nested')
  const keyable = members.filter(({ inKey, isOptional, isNullable }) => inKey && !isOptional && !isNullable)
  const key = ids === 'own' ? keyable.slice(0, pick(fc.integer({ min: 1, max: 3 }))).map(({ name }) => name) : ['id']
  for (const member of members) if (key.includes(member.name)) member.good = member.good.filter((value) => !['', '.', '..'].includes(String(value)))
  const indexed = scalars.filter(({ inKey }) => inKey).map(({ name }) => name)
  const unique = indexed.length > 0 && pick(fc.boolean()) ? [pick(fc.uniqueArray(fc.constantFrom(...indexed), { minLength: 1, maxLength: 2 }))] : []
  const filters = Object.fromEntries(scalars.map(({ name, is, isOptional, isNullable }) => [name, pick(fc.subarray<FilterOperator>([...OPERATORS[is], ...isOptional || isNullable ? ['exists' as const] : []]))]))
  const sortable = scalars.length > 0 && pick(fc.boolean()) ? pick(fc.subarray(scalars.map(({ name }) => name))) : undefined
  const resource = defineResource({
    name,
    plural,
    description: 'Anything',
    properties: Object.fromEntries(members.map((member) => [member.name, schemaOf(member)])),
    ...{ id: ids === 'own' ? key : ids, unique, filters, ...sortable && { sortable } } as object
  })
  return { resource, members, ids, key, unique, filters, sortable: resource.sortable }
}

export type RandomResource = ReturnType<typeof makeResource>

function schemaOf ({ schema, isOptional, isNullable, ...member }: Member): TSchema {
  const options = 'default' in member ? { default: member.default } : {}
  if (isNullable) return Type.Union([schema({}), Type.Null()], options)
  return isOptional ? Type.Optional(schema(options)) : schema(options)
}

/** A record that a POST to it takes. */
export function makeRecord ({ members }: RandomResource, pick: Pick): Fields {
  return Object.fromEntries(members.flatMap((member): [string, Value][] => {
    const { name, isOptional, isNullable, good } = member
    if ((isOptional || 'default' in member) && pick(fc.nat(2)) === 0) return []
    if (isNullable && pick(fc.nat(2)) === 0) return [[name, null]]
    return [[name, pick(good)]]
  }))
}

const withDefaults = ({ members }: RandomResource, fields: Fields): Fields => Object.fromEntries(members.flatMap((member): [string, Value][] => {
  const value = member.name in fields ? fields[member.name] : member.default
  return value === undefined ? [] : [[member.name, value]]
}))

/** Nothing is after all that is something; else by number, or by code point. */
function compareValues (a: unknown = null, b: unknown = null): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null)
  return typeof a === 'string' ? Buffer.compare(Buffer.from(a), Buffer.from(String(b))) : Number(a) - Number(b)
}

const HOLDS: Readonly<Record<FilterOperator, (value: unknown, given: never) => boolean>> = {
  lt: (value, given) => compareValues(value, given) < 0,
  lte: (value, given) => compareValues(value, given) <= 0,
  eq: (value, given) => compareValues(value, given) === 0,
  gte: (value, given) => compareValues(value, given) >= 0,
  gt: (value, given) => compareValues(value, given) > 0,
  in: (value, given: unknown[]) => given.some((one) => compareValues(value, one) === 0),
  prefix: (value, given) => String(value).startsWith(given),
  exists: () => false
}

/** A request for a list, and what a plain model finds. */
function makeList ({ members, key, filters, sortable }: RandomResource, records: readonly Fields[], pick: Pick) {
  const query = new URLSearchParams()
  let found = [...records]
  for (const { name, good } of members) {
    const operators = filters[name] ?? []
    if (operators.length === 0 || pick(fc.nat(3)) > 0) continue
    const operator = pick(fc.constantFrom(...operators))
    // Half of them ask for what is there.
    const there = records.map((record) => record[name]).filter((value) => value !== undefined && value !== null)
    const one = () => there.length > 0 && pick(fc.boolean()) ? pick(fc.constantFrom(...there)) : pick(good)
    const given = operator === 'exists'
      ? pick(fc.boolean())
      : operator === 'in' ? [one(), one()].filter((value) => !String(value).includes(',')) : operator === 'prefix' ? Array.from(String(one())).slice(0, 2).join('') : one()
    if (Array.isArray(given) && (given.length === 0 || (given.length === 1 && given[0] === ''))) continue
    query.set(operator === 'eq' ? name : `${name}_${operator}`, String(given))
    found = found.filter((record) => {
      const has = (record[name] ?? null) !== null
      return operator === 'exists' ? has === given : has && HOLDS[operator](record[name], given as never)
    })
  }
  const order = pick(fc.uniqueArray(fc.record({ property: fc.constantFrom(...sortable), descending: fc.boolean() }), { maxLength: 3, selector: ({ property }) => property }))
  if (order.length > 0) query.set('sort', order.map(({ property, descending }) => `${descending ? '-' : ''}${property}`).join())
  query.set('limit', String(pick(fc.integer({ min: 1, max: 4 }))))
  query.set('total', 'true')
  const keys = [...order, ...key.map((property) => ({ property, descending: false }))]
  found.sort((a, b) => keys.reduce((sign, { property, descending }) => sign || compareValues(a[property], b[property]) * (descending ? -1 : 1), 0))
  return { path: `/things?${query.toString()}`, found }
}

/** Where a store of each kind comes from. */
export type StoreKind = (t: Test) => string | Promise<string>

const UNLIKE: ReadonlySet<string> = new Set(['date', 'connection'])

/** Makes resources at random, and tells whether the API of each, on every kind of store, does what a plain model of it does. */
export async function testRandomResources (t: Test, kinds: readonly StoreKind[], { numRuns = 100, seed: begin }: { numRuns?: number, seed?: number } = {}): Promise<void> {
  // Its own report would have the resource, with all of its parts.
  const { failed, errorInstance, seed, counterexamplePath } = await fc.check(fc.asyncProperty(fc.gen(), async (g) => {
    const pick: Pick = (arbitrary) => g(() => arbitrary)
    const random = makeResource(pick)
    const apps: FastifyInstance[] = []
    for (const kind of kinds) {
      const app = fastify()
      apps.push(app)
      await app.register(createApi({ resources: [random.resource] }), { store: await kind(t) })
    }
    try {
      // UUIDs are of one store alone, and PostgreSQL spends a number on a duplicate.
      const haveOwnIds = random.ids === 'uuid' || (random.ids === 'counter' && random.unique.length > 0)
      for (const group of haveOwnIds ? apps.map((app) => [app]) : [apps]) await walk(random, group, pick)
    } finally {
      for (const app of apps) await app.close()
    }
  }), { numRuns, endOnFailure: true, ...begin !== undefined && { seed: begin } })
  if (failed) t.fail(`seed ${seed}, path ${counterexamplePath}: ${errorInstance instanceof Error ? errorInstance.stack : errorInstance}`)
}

/** What went wrong, in ASCII, because TAP has lines. */
class Wrong extends Error {
  constructor (message: string) {
    super(message.replace(/[^\x20-\x7e\n]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`))
  }
}

async function walk (random: RandomResource, apps: readonly FastifyInstance[], pick: Pick): Promise<void> {
  const { ids, key, unique, members } = random
  const records: Fields[] = []
  const shown = JSON.stringify({ properties: random.resource.properties, key, unique, filters: random.filters })

  /** Sends a request to each of the stores, whose answers must be the same to the byte, but for the ids that are random. */
  async function ask (request: string, content: Parameters<typeof call>[2] = {}) {
    const [answer, ...others] = await Promise.all(apps.map((app) => call(app, request, content)))
    if (answer === undefined) throw new Wrong('no store')
    const { status, headers, text } = answer
    const toText = (of: typeof answer) => JSON.stringify([of.status, Object.entries(of.headers).filter(([name]) => !UNLIKE.has(name)), of.text])
    for (const other of others) check(toText(other) === toText(answer), () => `${toText(other)} is not ${toText(answer)}`)
    check(status !== 500, () => text)
    return { status, headers, text, body: answer.body }

    function check (holds: boolean, why: () => string): void {
      if (!holds) throw new Wrong(`${request} ${JSON.stringify(content.body)}: ${why()}\n${shown}`)
    }
  }

  function same (found: unknown, wanted: unknown, what: string): void {
    const [a, b] = [JSON.stringify(found), JSON.stringify(wanted)]
    if (a !== b) throw new Wrong(`${what}: ${a} and not ${b}\n${shown}`)
  }

  const { body: document } = await ask('GET /openapi.json')
  checkDocument(document)

  for (let i = pick(fc.integer({ min: 1, max: 12 })); i > 0; i--) {
    const sent = makeRecord(random, pick)
    const fields = withDefaults(random, sent)
    const sets = ids === 'own' ? [key, ...unique] : unique
    const clash = sets.find((set) => records.some((record) => set.every((name) => (record[name] ?? null) !== null && compareValues(record[name], fields[name]) === 0)))
    const created = await ask('POST /things', { body: sent })
    if (clash !== undefined) {
      same([created.status, created.body.errors.map(({ pointer }: { pointer: string }) => pointer)], [409, clash.map((name) => `/${name}`)], 'a duplicate')
      continue
    }
    const record = ids === 'own' ? fields : { id: created.body?.id, ...fields }
    same([created.status, created.body], [201, record], `POST ${JSON.stringify(sent)} ${created.text}`)
    records.push(record)
    const path = String(created.headers.location)
    const { text, headers: { etag } } = created
    for (const [request, content] of [
      [`GET ${path}`], [`PUT ${path}`, { body: record }], [`PUT ${path}`, { body: { ...record, ...sent } }], [`PATCH ${path}`, { body: {} }], [`PATCH ${path}`, { body: withoutNested(record) }]
    ] as const) {
      const answer = await ask(request, content)
      same([answer.status, answer.text, answer.headers.etag], [200, text, etag], request)
    }
    const bad = pick(fc.constantFrom(...members))
    const value = pick(bad.bad)
    if (value === null && bad.isNullable) continue
    for (const request of ['POST /things', `PUT ${path}`, `PATCH ${path}`]) {
      // In a merge patch, null removes.
      if (request.startsWith('PATCH') && (value === null || bad.is === 'nested')) continue
      const sentBad = request.startsWith('PATCH') ? { [bad.name]: value } : { ...sent, [bad.name]: value }
      const { status, body } = await ask(request, { body: sentBad })
      same([status, body.errors?.[0]?.pointer?.split('/')[1]], [400, bad.name], `${request} ${JSON.stringify(sentBad)}`)
    }
    same((await ask(`GET ${path}`)).text, text, 'what is refused changes nothing')
  }

  for (let i = 0; i < 6; i++) {
    const { path, found } = makeList(random, records, pick)
    const seen: unknown[] = []
    for (let next: string | undefined = path; next !== undefined;) {
      const { status, body } = await ask(`GET ${next}`)
      same([status, body.total], [200, found.length], `${next} ${JSON.stringify(body)}`)
      seen.push(...body.things)
      next = body.next
      if (seen.length > found.length) break
    }
    same(seen, found, path)
  }

  // What comes at the same time has the answer that it would have alone.
  const pathOf = (record: Fields) => `/things/${key.map((name) => encodeURIComponent(String(record[name]))).join('/')}`
  const askAll = (method: string, contentOf: (record: Fields) => Fields | undefined) =>
    Promise.all(records.map(async (record) => await ask(`${method} ${method === 'POST' ? '/things' : pathOf(record)}`, { body: contentOf(record) })))
  const changes: [method: string, contentOf: (record: Fields) => Fields | undefined][] = [['GET', () => undefined], ['PUT', (record) => record], ['PATCH', withoutNested]]
  for (const [method, contentOf] of changes) {
    same((await askAll(method, contentOf)).map(({ body }) => body), records, `${method} of all`)
  }
  const withoutId = ({ id, ...fields }: Fields) => ids === 'own' ? { id, ...fields } : fields
  same((await askAll('DELETE', () => undefined)).map(({ status }) => status), records.map(() => 204), 'DELETE of all')
  same((await askAll('GET', () => undefined)).map(({ status }) => status), records.map(() => 404), 'GET of what is gone')
  same((await askAll('POST', withoutId)).map(({ body }) => withoutId(body)), records.map(withoutId), 'POST of all')
  same((await ask('GET /things?total=true&limit=1')).body.total, records.length, 'as many as before')
}

/** A merge patch goes into objects, and null in them removes. */
function withoutNested (record: Fields): Fields {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => typeof value !== 'object' || value === null || Array.isArray(value)))
}

/** Throws where a document refers to what it has not, or has schemas that are none, or examples that are not valid. */
function checkDocument (document: Record<string, any>): void {
  const ajv = new Ajv2020({ strict: false, validateFormats: false })
  ajv.addSchema(document, 'document')
  for (const name of Object.keys(document.components.schemas)) {
    const { examples = [] } = document.components.schemas[name]
    const validate = ajv.compile({ $ref: `document#/components/schemas/${name}` })
    for (const example of examples) if (!validate(example)) throw new Wrong(`the example of ${name}, ${JSON.stringify(example)}, ${ajv.errorsText(validate.errors)}`)
  }
  const refs = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(([, name = '']) => name)
  for (const name of refs) if (!(name in document.components.schemas)) throw new Wrong(`there is no ${name}`)
  for (const [path, item] of Object.entries<Record<string, any>>(document.paths)) {
    for (const operation of Object.values(item)) {
      const parameters: { in: string, name: string, schema: object & { examples?: unknown[] } }[] = operation.parameters ?? []
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
      const declared = parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name)
      if (inPath.join() !== declared.join()) throw new Wrong(`${path} has the parameters ${declared.join()}`)
      for (const { name, schema } of parameters) {
        const validate = ajv.compile(schema)
        for (const example of schema.examples ?? []) if (!validate(example)) throw new Wrong(`the example of ${name}, ${JSON.stringify(example)}, ${ajv.errorsText(validate.errors)}`)
      }
    }
  }
}
