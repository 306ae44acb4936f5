import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import type { FastifyInstance } from 'fastify'
import { build, buildApi, call, LANGUAGE } from '../build.js'
import { things } from '../resources.js'

// What the document says is what happens.

const LIST = '/programming_languages'
const ITEM = `${LIST}/{programming_language_id}`

interface Parameter {
  in: string
  name: string
  schema: { type?: string, minimum?: number, maximum?: number, examples?: unknown[] }
}

interface Operation {
  parameters?: Parameter[]
  responses: Record<string, { headers?: Record<string, unknown> }>
}

async function read (app: FastifyInstance) {
  const { body } = await call(app, 'GET /openapi.json')
  const ajv = new Ajv2020({ strict: false, validateFormats: false })
  ajv.addSchema(body, 'document')
  const operation = (method: string, path: string): Operation => body.paths[path][method.toLowerCase()]
  const takes = (component: string, value: unknown) => ajv.validate({ $ref: `document#/components/schemas/${component}` }, value)
  return { body, operation, takes }
}

const text = (most: number) => fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('', ' \n', '\0', 'x\0', 'x', ' x ', '5', ...['x', '\u{1F600}', 'é'].flatMap((character) => [most, most + 1].map((length) => character.repeat(length))))
)
const other = fc.constantFrom<unknown>(null, true, 0, 5, -1, 1.5, '1967', [], {}, ['x'], { a: null })
const properties = {
  id: fc.constantFrom<unknown>(0, 0, null, '0', 0.5),
  name: fc.oneof({ weight: 4, arbitrary: text(200) }, other),
  publication_year: fc.oneof({ weight: 4, arbitrary: fc.constantFrom<unknown>(1, 1967, 9999, 1967.0, 0, 10000, 1e21, 1967.5) }, other),
  contribution: fc.oneof({ weight: 4, arbitrary: text(2000) }, other),
  year: fc.constantFrom<unknown>(null, 1967)
}
const bodies = fc.oneof(
  fc.record(properties, { requiredKeys: [] }),
  fc.record({ ...properties, publication_year: fc.constant(1967), contribution: fc.constant('x') }),
  fc.record({ name: text(200), publication_year: fc.integer({ min: 1, max: 9999 }), contribution: text(2000) }),
  other
)

for (const [request, component, type] of [
  [`POST ${LIST}`, 'NewProgrammingLanguage', 'application/json'],
  [`PUT ${LIST}/0`, 'ProgrammingLanguageReplacement', 'application/json'],
  [`PATCH ${LIST}/0`, 'ProgrammingLanguageMergePatch', 'application/merge-patch+json']
] as const) {
  t.test(`${request} takes the bodies that the schema takes, and refuses those that it refuses`, async (t) => {
    const app = build(t)
    const { takes } = await read(app)
    const seen = new Set<boolean>()
    await fc.assert(fc.asyncProperty(bodies, async (body) => {
      const { status } = await call(app, request, { body: JSON.stringify(body), headers: { 'content-type': type } })
      const taken = takes(component, JSON.parse(JSON.stringify(body)))
      seen.add(taken)
      return taken ? status < 300 : status === 400
    }), { numRuns: 200 })
    t.same(seen, new Set([true, false]))
  })
}

t.test('PATCH refuses what the schema of a JSON Patch refuses', async (t) => {
  const app = build(t)
  const { takes } = await read(app)
  const pointer = fc.oneof(fc.constantFrom('', '/name', '/x/0', '/~2', 'name', '/a'.repeat(65)), other)
  const operation = fc.record({ op: fc.constantFrom('add', 'remove', 'replace', 'move', 'copy', 'test', 'spam'), path: pointer, from: pointer, value: other }, { requiredKeys: ['op'] })
  await fc.assert(fc.asyncProperty(fc.oneof(fc.array(operation, { maxLength: 3 }), other), async (body) => {
    const { status } = await call(app, `PATCH ${LIST}/0`, { body: JSON.stringify(body), headers: { 'content-type': 'application/json-patch+json' } })
    return takes('JsonPatch', JSON.parse(JSON.stringify(body))) ? status < 500 : status === 400
  }), { numRuns: 200 })
  t.pass()
})

t.test('integers in the query have the bounds of their schemas', async (t) => {
  const app = build(t)
  const { operation } = await read(app)
  for (const { name, schema: { type, minimum = NaN, maximum = NaN } } of operation('GET', LIST).parameters ?? []) {
    if (type !== 'integer') continue
    const statusOf = async (value: bigint) => (await call(app, `GET ${LIST}?${name}=${value}`)).status
    t.same(await Promise.all([BigInt(minimum), BigInt(maximum)].map(statusOf)), [200, 200], name)
    t.same(await Promise.all([BigInt(minimum) - 1n, BigInt(maximum) + 1n].map(statusOf)), [400, 400], name)
  }
})

t.test('the examples of parameters are values that they take', async (t) => {
  const app = build(t)
  const { body } = await read(app)
  const operations = Object.values<Record<string, Operation>>(body.paths).flatMap((path) => Object.values(path))
  const ajv = new Ajv2020({ strict: false, validateFormats: false })
  for (const { name, schema } of operations.flatMap(({ parameters = [] }) => parameters)) {
    t.equal(schema.examples?.length, 1, name)
    for (const example of schema.examples ?? []) t.ok(ajv.validate(schema, example), `${name}: ${example}`)
  }
})

t.test('texts and arrays have their limits, wherever they are', async (t) => {
  const { body } = await read(build(t))
  const unlimited: string[] = []
  look(body, '')
  t.same(unlimited, [])

  function look (value: unknown, place: string): void {
    if (typeof value !== 'object' || value === null) return
    const { type, maxLength, maxItems, enum: values, const: only } = value as Record<string, unknown>
    if (type === 'string' && maxLength === undefined && values === undefined && only === undefined) unlimited.push(place)
    if (type === 'array' && maxItems === undefined) unlimited.push(place)
    for (const [name, member] of Object.entries(value)) look(member, `${place}/${name}`)
  }
})

type Sent = readonly [method: string, target: string, status: number, body?: object | undefined, fields?: Record<string, string>]

/** The fields of every message, which the document leaves to HTTP. */
const OF_HTTP = new Set(['content-type', 'content-length', 'date', 'connection', 'keep-alive'])

async function checkFields (t: Test, app: FastifyInstance, requests: readonly Sent[]): Promise<void> {
  const { body: { paths } } = await read(app)
  for (const [method, target, status, body, fields = {}] of requests) {
    const answer = await call(app, `${method} ${target}`, { headers: { 'x-request-id': 'x', ...fields }, ...(body && { body }) })
    t.equal(answer.status, status, `${method} ${target}`)
    const [path = ''] = target.split('?')
    const template = Object.keys(paths).find((template) => new RegExp(`^${template.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path)) ?? ''
    const { headers } = paths[template][method.toLowerCase()].responses[status]
    const documented = new Set(Object.keys(headers).map((name) => name.toLowerCase()))
    t.same(Object.keys(answer.headers).filter((name) => !OF_HTTP.has(name) && !documented.has(name)), [], `${method} ${target} ${status}`)
  }
}

t.test('every field that is sent is documented', async (t) => {
  const app = build(t)
  const { operation } = await read(app)
  const { headers: { etag } } = await call(app, `GET ${LIST}/0`)
  const key = { 'idempotency-key': 'k' }
  const minimal = { prefer: 'return=minimal' }
  const REQUESTS: Sent[] = [
    ['GET', LIST, 200], ['GET', `${LIST}?limit=1`, 200], ['GET', `${LIST}?limit=1`, 304, undefined, { 'if-none-match': '*' }], ['GET', `${LIST}?x`, 400], ['GET', `${LIST}?limit=1`, 412, undefined, { 'if-match': '"x"' }],
    ['POST', LIST, 201, LANGUAGE, key], ['POST', LIST, 201, LANGUAGE, key], ['POST', LIST, 201, LANGUAGE, { ...key, ...minimal }], ['POST', LIST, 422, { ...LANGUAGE, name: 'x' }, key],
    ['POST', LIST, 415, LANGUAGE, { 'content-type': 'text/plain' }], ['POST', LIST, 415, LANGUAGE, { 'content-encoding': 'gzip' }], ['POST', LIST, 400, {}],
    ['GET', `${LIST}/0`, 200], ['GET', `${LIST}/0`, 304, undefined, { 'if-none-match': String(etag) }], ['GET', `${LIST}/99`, 404],
    ['PUT', `${LIST}/1`, 200, LANGUAGE], ['PUT', `${LIST}/1`, 204, LANGUAGE, minimal], ['PUT', `${LIST}/1`, 400, LANGUAGE, { 'content-range': 'bytes 0-9/10' }],
    ['PUT', `${LIST}/1`, 412, LANGUAGE, { 'if-match': '"x"' }],
    ['PATCH', `${LIST}/1`, 200, {}, { 'idempotency-key': 'p' }], ['PATCH', `${LIST}/1`, 204, {}, { 'idempotency-key': 'p', ...minimal }],
    ['PATCH', `${LIST}/1`, 409, [{ op: 'remove', path: '/x' }], { 'content-type': 'application/json-patch+json' }],
    ['PATCH', `${LIST}/1`, 415, {}, { 'content-type': 'text/plain' }],
    ['DELETE', `${LIST}/1`, 415, {}, { 'content-type': 'text/plain' }], ['DELETE', `${LIST}/1`, 204], ['DELETE', `${LIST}/1`, 404], ['GET', '/health', 200], ['GET', '/health?x', 400]
  ]
  await checkFields(t, app, REQUESTS)
  const { headers } = await call(app, `PUT ${LIST}`)
  t.ok('allow' in headers && 'Allow' in (operation('GET', LIST).responses['default']?.headers ?? {}))
})

t.test('every field that is sent is documented, where clients choose what identifies a record', async (t) => {
  const app = await buildApi(t, { resources: [things] })
  const thing = { shelf: 'a', place: 1, label: '', count: 0, rank: null, at: null, note: null }
  const minimal = { prefer: 'return=minimal' }
  await checkFields(t, app, [
    ['PUT', '/things/a/1', 201, thing, minimal], ['PUT', '/things/a/2', 201, { ...thing, place: 2 }], ['PUT', '/things/a/1', 204, thing, minimal],
    ['POST', '/things', 201, { ...thing, place: 3 }, minimal], ['POST', '/things', 409, thing]
  ])
})

t.test('each kind of problem is named, with what to do about it, and where it comes', async (t) => {
  const { body, operation } = await read(build(t))
  const kinds = ['invalid-request', 'not-found', 'method-not-allowed', 'patch-conflict', 'duplicate', 'still-running', 'precondition-failed', 'content-too-large',
    'target-too-long', 'fields-too-large', 'unsupported-media-type', 'key-reused', 'internal', 'not-implemented', 'unavailable']
  for (const kind of kinds) t.match(body.components.schemas.Problem.description, new RegExp(`\`urn:problem-type:${kind}\`: \\w.*\\. \\w.*\\.`), kind)
  const at = (method: string, path: string, status: string) => JSON.stringify(operation(method, path).responses[status])
  t.match(at('POST', LIST, '409'), 'still-running')
  t.notMatch(at('POST', LIST, '409'), /patch/i)
  t.match(at('PATCH', ITEM, '409'), /patch-conflict.*still-running/)
  for (const status of [405, 408, 414, 417, 431, 501, 505]) {
    for (const [method, path] of [['GET', LIST], ['POST', LIST], ['DELETE', ITEM], ['GET', '/health']] as const) t.match(at(method, path, 'default'), String(status))
  }
})
