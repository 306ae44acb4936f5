import { PassThrough } from 'node:stream'
import { setTimeout } from 'node:timers/promises'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import compress from '@fastify/compress'
import etag from '@fastify/etag'
import helmet from '@fastify/helmet'
import fastifyStatic from '@fastify/static'
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import { Type } from '@sinclair/typebox'
import fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify'
import t, { type Test } from 'tap'
import programmingLanguages, { createApi, createMemoryStore, defineResource, model } from '../app.js'
import type { Model, Store } from '../stores/store.js'
import { call, LANGUAGE, pages } from './build.js'
import { connectTo, request, statusesOf } from './wire.js'

/** An app of somebody else. */
function host (t: Test, options: FastifyServerOptions = {}): FastifyInstance {
  const app = fastify(options)
  t.teardown(() => app.close())
  return app
}

t.test('registered under a prefix, every path that it answers with has it', async (t) => {
  const app = host(t)
  await app.register(programmingLanguages, { prefix: '/api' })
  t.equal((await call(app, 'GET /api/programming_languages/0')).body.name, 'COBOL')
  t.equal((await call(app, 'POST /api/programming_languages', { body: LANGUAGE })).headers.location, '/api/programming_languages/8')
  const { body, headers } = await call(app, 'GET /api/programming_languages?limit=5')
  t.match(body.next, /^\/api\/programming_languages\?limit=5&cursor=/)
  t.equal(headers.link, `<${body.next}>; rel="next"`)
  t.equal((await pages(app, '/api/programming_languages?limit=5')).flat().length, 9)
  t.equal((await call(app, 'GET /api')).headers.location, '/api/docs')
  t.equal((await call(app, 'GET /api/docs')).status, 200)
  t.ok('/api/programming_languages' in (await call(app, 'GET /api/openapi.json')).body.paths)
  t.equal((await call(app, 'POST /api/docs')).status, 405)
  t.equal((await call(app, 'GET /programming_languages/0')).status, 404)
})

t.test('a prefix may have parameters', async (t) => {
  const app = host(t)
  await app.register(programmingLanguages, { prefix: '/tenants/:tenant' })
  t.equal((await call(app, 'GET /tenants/a/programming_languages/0')).status, 200)
  t.equal((await call(app, 'POST /tenants/a%20b/programming_languages', { body: LANGUAGE })).headers.location, '/tenants/a%20b/programming_languages/8')
  t.match((await call(app, 'GET /tenants/a%20b/programming_languages?limit=1')).body.next, /^\/tenants\/a%20b\/programming_languages\?/)
  t.equal((await call(app, 'GET /tenants/x')).headers.location, '/tenants/x/docs')
})

t.test('a prefix may be a slash, or end in one, or be in any script', async (t) => {
  for (const [prefix, start] of [['/', ''], ['/api/', '/api'], ['/日本', '/%E6%97%A5%E6%9C%AC'], ['/t/:x(^[a-z]+$)', '/t/abc'], ['/a::b', '/a:b']] as const) {
    const app = host(t)
    await app.register(programmingLanguages, { prefix })
    const { status, headers } = await call(app, `POST ${start}/programming_languages`, { body: LANGUAGE })
    t.match({ status, headers }, { status: 201, headers: { location: `${start}/programming_languages/8` } }, prefix)
    t.equal((await call(app, `GET ${headers.location}`)).status, 200, prefix)
    t.equal((await pages(app, `${start}/programming_languages?limit=5`)).flat().length, 9, prefix)
    t.equal((await call(app, `GET ${prefix.endsWith('/') ? `${start}/` : start}`)).headers.location, `${start}/docs`, prefix)
  }
})

t.test('registered twice, it is two independent APIs', async (t) => {
  const app = host(t)
  app.register(programmingLanguages, { prefix: '/one' })
  app.register(programmingLanguages, { prefix: '/two', records: [] })
  await call(app, 'DELETE /one/programming_languages/0')
  t.equal((await call(app, 'POST /two/programming_languages', { body: LANGUAGE })).body.id, 0)
  t.equal((await call(app, 'GET /one/programming_languages/0')).status, 404)
  t.equal((await call(app, 'GET /two/programming_languages/0')).body.name, LANGUAGE.name)
  t.same(Object.keys((await call(app, 'GET /one/openapi.json')).body.paths).filter((path) => path.startsWith('/two')), [])
})

t.test('options', async (t) => {
  const store = createMemoryStore(model)
  const app = host(t)
  app.register(programmingLanguages, { prefix: '/api', store, records: [LANGUAGE], documentation: false })
  app.register(programmingLanguages, { prefix: '/same', store })
  await app.ready()
  t.same((await store.get(0))?.item, { id: 0, ...LANGUAGE })
  t.equal((await call(app, 'GET /api/programming_languages')).body.programming_languages.length, 1)
  for (const path of ['/api', '/api/docs', '/api/openapi.json']) t.equal((await call(app, `GET ${path}`)).status, 404, path)
  t.equal((await call(app, 'GET /same/programming_languages')).body.programming_languages.length, 1, 'a store with records is left as it is')
})

const RECORDS = [LANGUAGE, { ...LANGUAGE, name: '' }, { name: 'x', publication_year: '1967' }]

const BAD: [options: object, message: RegExp | string][] = [
  [{ keyLifetime: -5 }, 'keyLifetime must be >= 1'],
  [{ keyLifetime: 1e12 }, 'keyLifetime must be <= 315360000'],
  [{ keyLifetime: '60' }, 'keyLifetime must be integer'],
  [{ store: null }, 'store must be a store, or the URL of one'],
  [{ store: 5 }, 'store must be a store, or the URL of one'],
  [{ store: {} }, /^store\/get is required; store\/list is required; .*; store\/close is required$/],
  [{ store: { ...createMemoryStore(model), seed: undefined } }, 'store/seed is required'],
  [{ records: 5 }, 'records must be array'],
  [{ records: RECORDS }, 'records/1/name must NOT have fewer than 1 characters; records/2/contribution is required; records/2/publication_year must be integer'],
  [{ documentation: 'no' }, 'documentation must be boolean'],
  [{ documentaton: false }, 'documentaton is unknown'],
  [{ log: null }, 'log must be a logger'],
  ...[null, true, 5, 'user', [], {}].map((idempotencyScope): [object, string] => [{ idempotencyScope }, 'idempotencyScope must be a function']),
  [{ onStoreGivenUp: 'x' }, 'onStoreGivenUp must be a function'],
  [{ isReady: true }, 'isReady must be a function'],
  [{ log: {} }, /^log\/fatal is required; /],
  [{ prefx: '/api', keyLifetime: 0.5 }, 'prefx is unknown; keyLifetime must be integer; keyLifetime must be >= 1']
]

for (const [options, message] of BAD) {
  t.test(`bad options are refused at the start: ${JSON.stringify(options)} ${message}`, async (t) => {
    const app = host(t)
    const error: unknown = await app.register(programmingLanguages, options).then(() => undefined, (error: unknown) => error)
    t.match(error, Error)
    t.match(String(error).replace('Error: the options are not valid: ', ''), message)
  })
}

t.test('what Fastify takes for itself is no bad option, nor is one that is undefined', async (t) => {
  const app = host(t)
  const options = { store: undefined, records: undefined, keyLifetime: undefined, documentation: undefined, log: undefined }
  await app.register(programmingLanguages, JSON.parse('{}'))
  await app.register(programmingLanguages, { prefix: '/api', logLevel: 'warn', logSerializers: {}, ...options as object })
  t.equal((await call(app, 'GET /api/health')).status, 200)
})

t.test('health heeds whether the host is ready, and then asks no store; liveness never asks', async (t) => {
  let isReady = true
  let asked = 0
  let isUp = true
  const ping = () => {
    asked++
    if (!isUp) throw new Error('away')
  }
  const lines: string[] = []
  const app = host(t, { logger: { level: 'error', stream: { write: (line: string) => { lines.push(line) } } } })
  app.register(programmingLanguages, { prefix: '/api', store: { ...createMemoryStore(model), ping }, isReady: () => isReady })
  const alive = { status: 200, body: { status: 'ok' }, headers: { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' } }
  t.match(await call(app, 'GET /api/health'), alive)
  t.match(await call(app, 'GET /api/health/live'), alive)
  isUp = false
  t.match(await call(app, 'GET /api/health'), { status: 503, body: { type: 'urn:problem-type:unavailable', detail: 'the store cannot be reached just now' } })
  t.equal(asked, 2)
  t.match(lines.splice(0).join(''), 'the store does not answer')
  isReady = false
  t.match(await call(app, 'GET /api/health'), { status: 503, headers: { 'retry-after': '1' }, body: { type: 'urn:problem-type:unavailable', detail: 'the server takes no more requests' } })
  t.match(await call(app, 'GET /api/health/live'), alive)
  t.equal(asked, 2)
  t.same(lines, [], 'what the host wants is no error')
  t.equal((await call(app, 'GET /api/programming_languages/0')).status, 200, 'all else is served')

  t.equal((await app.inject({ method: 'HEAD', url: '/api/health/live' })).statusCode, 200)
  for (const [request, status] of [['OPTIONS', 204], ['POST', 405], ['DELETE', 405], ['TRACE', 405]] as const) {
    t.match(await call(app, `${request} /api/health/live`), { status, headers: { allow: 'GET, HEAD, OPTIONS' } }, request)
  }
  t.equal((await call(app, 'GET /api/health/live?x')).status, 400)
})

t.test('a store of the host stays open, and is there in the app', async (t) => {
  let closed = false
  const store = { ...createMemoryStore(model), close: () => { closed = true } }
  const app = fastify()
  app.register(async (scope) => {
    await scope.register(programmingLanguages, { store })
    t.notOk(scope.hasDecorator('store'), 'the decorator stays inside')
  })
  await app.close()
  t.notOk(closed)
})

t.test('a function makes a store for each of several resources, or promises one', async (t) => {
  const tag = { name: 'tag', plural: 'tags', description: 'A tag', properties: { label: Type.String() }, records: [{ label: 'a' }] } as const
  const resources = [defineResource(tag), defineResource({ ...tag, name: 'note', plural: 'notes' })]
  const made = new Map<string, Store>()
  const store = (model: Model) => {
    const one = createMemoryStore(model)
    made.set(model.name, one)
    return model.name === 'tags' ? one : Promise.resolve(one)
  }
  const app = host(t)
  await app.register(createApi({ resources }), { store })
  t.same([...made.keys()], ['tags', 'notes'])
  await call(app, 'POST /notes', { body: { label: 'b' } })
  t.equal((await call(app, 'GET /tags')).body.tags.length, 1)
  t.same((await made.get('notes')?.get(1))?.item, { id: 1, label: 'b' })
})

t.test('it changes nothing of its host', async (t) => {
  const app = host(t)
  app.setErrorHandler((error, _request, reply) => reply.code(418).send({ host: true, name: error instanceof Error && error.name }))
  app.setNotFoundHandler((_request, reply) => reply.code(404).send({ host: true }))
  app.setValidatorCompiler(() => () => true)
  app.setSerializerCompiler(() => () => '"host"')
  app.addContentTypeParser('text/csv', { parseAs: 'string' }, async (_request: unknown, body: string | Buffer) => body)
  app.addSchema({ $id: 'Problem', type: 'string' })
  app.addSchema({ $id: 'ProgrammingLanguage', type: 'string' })
  const store = createMemoryStore(model)
  app.decorate('store', store)
  app.get('/', () => 'home')
  await app.register(fastifyStatic, { root: import.meta.dirname, prefix: '/static/' })
  await app.register(helmet)
  await app.register(programmingLanguages)
  const schema = { querystring: { type: 'object', required: ['x'] }, response: { 200: { type: 'object' } } }
  app.route({ method: ['GET', 'POST'], url: '/host', schema, handler: (request) => ({ body: request.body }) })
  app.get('/fail', () => { throw new Error('x') })

  t.match(await call(app, 'GET /host'), { status: 200, text: '"host"' }, 'validator and serializer')
  t.equal((await call(app, 'POST /host', { body: 'a,b', headers: { 'content-type': 'text/csv' } })).status, 200)
  t.equal((await call(app, 'POST /host', { body: LANGUAGE })).status, 200, 'content-type parsers')
  t.equal((await call(app, 'GET /host?a=%zz')).status, 200, 'query')
  t.match(await call(app, 'GET /fail'), { status: 418 }, 'error handler')
  t.match(await call(app, 'GET /nowhere'), { status: 404, body: { host: true } }, 'not-found handler')
  t.equal((await call(app, 'GET /')).text, 'home', 'its own start page')
  t.same(Object.keys(app.getSchemas()), ['Problem', 'ProgrammingLanguage'], 'schemas')
  t.equal(app.store, store, 'decorators')
  t.equal((await call(app, 'OPTIONS /host')).status, 404)

  t.match(await call(app, 'GET /programming_languages/99'), { status: 404, body: { title: 'Not Found' } })
  t.match(await call(app, 'POST /programming_languages', { body: {} }), { status: 400, body: { errors: [{}, {}, {}] } })
  t.equal((await call(app, 'POST /programming_languages', { body: 'a,b', headers: { 'content-type': 'text/csv' } })).status, 415)
  t.equal((await call(app, 'GET /programming_languages/0')).body.name, 'COBOL')
  t.equal((await call(app, 'GET /docs')).status, 200)
})

const HOSTS: [string, FastifyServerOptions][] = [
  ['coerces, removes and fills in', { ajv: { customOptions: { coerceTypes: 'array', removeAdditional: 'all', useDefaults: true, allErrors: false } } }],
  ['is lenient with paths', { routerOptions: { ignoreTrailingSlash: true, ignoreDuplicateSlashes: true, caseSensitive: false } }],
  ['takes a semicolon for a question mark', { useSemicolonDelimiter: true }],
  ['is lenient with paths, as it was said before', { ignoreTrailingSlash: true }],
  ['has a small limit', { bodyLimit: 10, routerOptions: { maxParamLength: 5 } }],
  ['removes __proto__', { onProtoPoisoning: 'remove', onConstructorPoisoning: 'ignore' }],
  ['exposes no HEAD', { exposeHeadRoutes: false }],
  ['parses queries in its own way', { routerOptions: { querystringParser: () => ({ parsed: 'by the host' }) } }],
  ['formats errors of schemas in its own way', { schemaErrorFormatter: () => new Error('host') }]
]

for (const [name, options] of HOSTS) {
  t.test(`a host that ${name} does not change the contract`, async (t) => {
    const app = host(t, options)
    await app.register(programmingLanguages, { prefix: '/api' })
    const REQUESTS: [string, number, unknown?][] = [
      ['GET /api/programming_languages/0', 200],
      ['HEAD /api/programming_languages/0', 200],
      ['HEAD /api/programming_languages', 200],
      ['HEAD /api/health', 200],
      ['HEAD /api/openapi.json', 200],
      ['HEAD /api/docs', 200],
      ['HEAD /api/docs/json', 200],
      ['GET /api/programming_languages?before_year=1965&limit=2', 200],
      ['GET /api/programming_languages?parsed=x', 400],
      ['GET /api/programming_languages?limit=1&limit=1', 400],
      ['GET /api/programming_languages/01', 400],
      ['GET /api/programming_languages/0/', 404],
      ['GET /api/programming_languages//0', 404],
      ['GET /api/programming_languages/0;x=1', options.useSemicolonDelimiter ? 404 : 400],
      ['GET /api/PROGRAMMING_LANGUAGES/0', 404],
      [`GET /api/programming_languages/${'9'.repeat(200)}`, 400],
      ['GET /api/programming_languages/0/x', 404],
      ['POST /api/programming_languages', 201, LANGUAGE],
      ['POST /api/programming_languages', 400, { ...LANGUAGE, publication_year: '1967' }],
      ['POST /api/programming_languages', 400, { ...LANGUAGE, extra: 1 }],
      ['POST /api/programming_languages', 400, `{"__proto__":1,${JSON.stringify(LANGUAGE).slice(1)}`],
      ['TRACE /api/programming_languages', 405],
      ['PUT /api/programming_languages/0', 200, LANGUAGE],
      ['DELETE /api/programming_languages/0', 204]
    ]
    for (const [request, status, body] of REQUESTS) {
      const answer = await call(app, request, { body })
      t.equal(answer.status, status, request)
      if (status === 400 || status === 405) t.equal(answer.headers['content-type'], 'application/problem+json', request)
    }
    t.equal((await call(app, 'GET /api/programming_languages?before_year=1965&limit=2')).body.programming_languages.length, 2)
  })
}

t.test('a host that compresses, and makes entity-tags, leaves ours to name the bytes', async (t) => {
  const app = host(t)
  await app.register(compress, { threshold: 0 })
  await app.register(etag)
  await app.register(programmingLanguages, { prefix: '/api' })
  app.get('/host', () => ({ of: 'the host' }))
  const path = '/api/programming_languages/0'
  for (const coding of ['gzip', 'br', 'deflate', 'identity', 'gzip, br;q=0.5']) {
    const fields = { 'accept-encoding': coding }
    for (const target of [path, '/api/programming_languages', '/api/openapi.json']) {
      const plain = await call(app, `GET ${target}`)
      const tag = String(plain.headers.etag)
      t.match(tag, /^"/, 'a strong one')
      for (const more of [{}, { range: 'bytes=0-9' }, { range: 'bytes=0-9', 'if-range': tag }, { 'if-none-match': '"another"' }]) {
        const { status, headers, text } = await call(app, `GET ${target}`, { headers: { ...fields, ...more } })
        t.same([status, headers['content-encoding'], headers.etag, text], [200, undefined, tag, plain.text], `${target}, ${coding}`)
      }
      for (const known of [tag, `W/${tag}`]) {
        t.match(await call(app, `GET ${target}`, { headers: { ...fields, 'if-none-match': known } }), { status: 304, headers: { etag: tag }, text: '' })
      }
    }
    const { headers: { etag: before } } = await call(app, `GET ${path}`, { headers: fields })
    const replaced = await call(app, `PUT ${path}`, { headers: { ...fields, 'if-match': String(before) }, body: { ...LANGUAGE, name: coding } })
    t.match(replaced, { status: 200, headers: { 'content-encoding': undefined }, body: { name: coding } }, 'the tag that was read is good for a write')
    t.equal((await call(app, `GET ${path}`, { headers: fields })).headers.etag, replaced.headers.etag)
    t.equal((await call(app, `PUT ${path}`, { headers: { ...fields, 'if-match': String(before) }, body: LANGUAGE })).status, 412)
    const page = await call(app, 'GET /api/docs/static/swagger-ui.css', { headers: fields })
    t.match(page, { status: 200, headers: { etag: /^W\// } })
  }
  const { headers } = await app.inject({ url: '/host', headers: { 'accept-encoding': 'gzip' } })
  t.equal(headers['content-encoding'], 'gzip', 'its own answers are compressed')
})

t.test('a host that compresses leaves it to the API to compress pages, once', async (t) => {
  const app = host(t)
  await app.register(compress, { global: true, threshold: 0 })
  await app.register(etag)
  await app.register(programmingLanguages, { prefix: '/api', records: Array.from({ length: 100 }, () => LANGUAGE) })
  const ask = (coding: string) => app.inject({ url: '/api/programming_languages', headers: { 'accept-encoding': coding } })
  const { headers: { etag: plain }, rawPayload: whole } = await ask('identity')
  const tags = new Set([plain])
  for (const [coding, decode] of [['gzip', gunzipSync], ['br', brotliDecompressSync]] as const) {
    for (const time of ['made', 'kept']) {
      const { headers, rawPayload } = await ask(coding)
      t.match(headers, { 'content-encoding': coding, vary: 'Accept-Encoding', etag: /^"/ })
      t.same(decode(rawPayload), whole, time)
      tags.add(headers.etag)
    }
  }
  t.equal(tags.size, 3, 'no two share a tag')
  const { headers, rawPayload } = await ask('deflate')
  t.match({ headers, rawPayload }, { headers: { 'content-encoding': undefined, vary: 'Accept-Encoding', etag: plain }, rawPayload: whole }, 'a coding that the host alone knows')
})

t.test('a host with a document of its own has the operations in it', async (t) => {
  for (const openapi of [{ openapi: '3.1.0' }, { openapi: '3.0.3' }]) {
    const app = host(t)
    await app.register(swagger, { openapi })
    await app.register(swaggerUi, { routePrefix: '/docs' })
    await app.register(programmingLanguages, { prefix: '/api' })
    app.get('/host', { schema: { operationId: 'host', response: { 200: { $id: 'x', type: 'object' } } } }, () => ({}))
    await app.ready()
    const { body } = await call(app, 'GET /docs/json')
    t.same(Object.keys(body.paths), ['/api/programming_languages', '/api/programming_languages/{programming_language_id}', '/api/health', '/api/health/live', '/host'])
    t.match(body.components.schemas, { ProgrammingLanguage: { type: 'object' }, Problem: { type: 'object' } })
    t.equal((await call(app, 'GET /api/docs')).status, 404, 'there is no second one')
    t.equal((await call(app, 'GET /api/openapi.json')).status, 404)
  }
})

t.test('a host may still document in Swagger 2.0', async (t) => {
  const app = host(t)
  await app.register(swagger, { swagger: {} })
  await app.register(programmingLanguages)
  await app.ready()
  t.match(app.swagger().paths, { '/programming_languages': { get: { operationId: 'listProgrammingLanguages' } } })
})

t.test('a host protects it with hooks in the scope around it', async (t) => {
  const app = host(t)
  app.register(async (scope) => {
    scope.addHook('onRequest', async (request, reply) => {
      if (request.headers.authorization === 'Bearer broken') throw new Error('the database of users is away')
      const [, statusCode] = request.headers.authorization?.match(/^Status (\d+)$/) ?? []
      if (statusCode !== undefined) throw Object.assign(new Error('from the host'), { statusCode: Number(statusCode) })
      if (request.headers.authorization === undefined) {
        reply.header('www-authenticate', 'Bearer')
        throw Object.assign(new Error('who are you?'), { statusCode: 401, headers: { 'x-of-the-error': 'yes' } })
      }
    })
    scope.register(programmingLanguages, { prefix: '/api' })
  })
  for (const request of ['GET /api/programming_languages', 'DELETE /api/programming_languages/0', 'TRACE /api/health', 'GET /api/docs']) {
    t.match(await call(app, request), {
      status: 401,
      headers: { 'www-authenticate': 'Bearer', 'x-of-the-error': 'yes', 'content-type': 'application/problem+json' },
      body: { type: 'urn:problem-type:unauthorized', title: 'Unauthorized', detail: 'who are you?' }
    }, request)
  }
  t.equal((await call(app, 'GET /api/programming_languages/0', { headers: { authorization: 'Bearer x' } })).status, 200)
  for (const [thrown, status, type, title, detail] of [
    [403, 403, 'about:blank', 'Forbidden', 'from the host'],
    [404, 404, 'urn:problem-type:not-found', 'Not Found', 'from the host'],
    [409, 409, 'about:blank', 'Conflict', 'from the host'],
    [418, 418, 'about:blank', "I'm a Teapot", 'from the host'],
    [429, 429, 'urn:problem-type:too-many-requests', 'Too Many Requests', 'from the host'],
    [499, 499, 'about:blank', 'Error', 'from the host'],
    [502, 502, 'about:blank', 'Bad Gateway', 'something went wrong on the server'],
    [200, 500, 'urn:problem-type:internal', 'Internal Server Error', 'something went wrong on the server'],
    [600, 500, 'urn:problem-type:internal', 'Internal Server Error', 'something went wrong on the server']
  ]) {
    t.match(await call(app, 'GET /api/health', { headers: { authorization: `Status ${thrown}` } }), { status, body: { type, title, detail } })
  }
  t.match(await call(app, 'GET /api/programming_languages/0', { headers: { authorization: 'Bearer broken' } }), { status: 500, body: { detail: 'something went wrong on the server' } })
})

t.test('what goes wrong is in the log of the host, or in another one', async (t) => {
  const lines: Record<'host' | 'other', string[]> = { host: [], other: [] }
  const to = (log: string[]) => ({ level: 'error', stream: { write: (line: string) => { log.push(line) } } })
  const store = { ...createMemoryStore(model), get: () => { throw new Error('broken') } }
  const app = host(t, { logger: to(lines.host) })
  const { log } = host(t, { logger: to(lines.other) })
  await app.register(programmingLanguages, { prefix: '/a', store })
  await app.register(programmingLanguages, { prefix: '/b', store, log })
  for (const prefix of ['/a', '/b']) t.equal((await call(app, `GET ${prefix}/programming_languages/0`)).status, 500)
  t.match(lines.host.map((line) => JSON.parse(line)), [{ reqId: 'req-1', err: { message: 'broken' } }])
  t.match(lines.other.map((line) => JSON.parse(line)), [{ reqId: 'req-2', err: { message: 'broken' } }])
  t.same([lines.host.length, lines.other.length], [1, 1])
})

t.test('a request with as many fields as the host reads is refused, because there may be more', async (t) => {
  for (const [most, count, status] of [[null, 990, 200], [null, 1000, 431], [20, 10, 200], [20, 20, 431], [0, 1000, 200]] as const) {
    const app = host(t)
    app.server.maxHeadersCount = most
    await app.register(programmingLanguages)
    const headers = Object.fromEntries(Array.from({ length: count }, (_, i) => [`x-${i}`, 'x']))
    const response = await app.inject({ url: '/programming_languages/0', headers })
    t.equal(response.statusCode, status, `${count} of ${most}`)
  }
})

t.test('the id that a client gave its request is sent back by ours alone, and names it in problems and in the log', async (t) => {
  const lines: string[] = []
  const stream = { write: (line: string) => { lines.push(line) } }
  const store = { ...createMemoryStore(model), get: () => { throw new Error('broken') } }
  const app = host(t, { logger: { level: 'error', stream } })
  await app.register(programmingLanguages, { prefix: '/api' })
  await app.register(programmingLanguages, { prefix: '/broken', store })
  app.get('/host', () => ({ of: 'the host' }))
  const headers = { 'x-request-id': 'from/client' }
  for (const [request, status] of [
    ['GET /api/programming_languages', 200], ['POST /api/programming_languages', 201], ['DELETE /api/programming_languages/0', 204],
    ['OPTIONS /api/health', 204], ['GET /api/docs', 200], ['PUT /api/docs', 405], ['GET /api/programming_languages/x', 400], ['GET /broken/programming_languages/0', 500]
  ] as const) {
    const answer = await call(app, request, { headers, body: request.startsWith('POST') ? LANGUAGE : undefined })
    t.match(answer, { status, headers, ...status < 400 ? {} : { body: { instance: 'urn:request:from%2Fclient' } } }, request)
  }
  t.match(lines.map((line) => JSON.parse(line)), [{ reqId: /^req-/, instance: 'urn:request:from%2Fclient' }])
  t.notOk('x-request-id' in (await call(app, 'GET /host', { headers })).headers)
  const { headers: fields, body } = await call(app, 'GET /api/programming_languages/99')
  t.match(body.instance, /^urn:request:req-/)
  t.notOk('x-request-id' in fields)
})

t.test('a body that a host makes of another, and that fails after it was refused, is refused once', async (t) => {
  const app = host(t)
  app.addHook('preParsing', async () => {
    const body = new PassThrough()
    body.write(Buffer.alloc(2 * 1024 * 1024))
    setImmediate(() => setImmediate(() => body.destroy(new Error('late'))))
    return body
  })
  await app.register(programmingLanguages)
  t.equal((await call(app, 'POST /programming_languages', { body: LANGUAGE })).status, 413)
  await setTimeout(20)
})

t.test('a fragment in a target is refused in any app', async (t) => {
  const app = host(t)
  await app.register(programmingLanguages)
  await app.listen({ port: 0, host: '127.0.0.1' })
  const { send, closed } = await connectTo(t, app.server)
  send(['/programming_languages/0#x', '/programming_languages#?limit=1', '/health#', '/docs#x', '/health'].map((target) => request(`GET ${target}`)).join(''))
  send(request('HEAD /health#x', 'Connection: close\r\n'))
  t.same(statusesOf(await closed), [400, 400, 400, 400, 200, 400])
})
