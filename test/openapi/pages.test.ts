import { readFile } from 'node:fs/promises'
import fastify from 'fastify'
import t from 'tap'
import programmingLanguages from '../../app.js'
import { build, call } from '../build.js'

interface Operation {
  operationId: string
  summary?: string
  description?: string
  tags?: string[]
  parameters?: { name: string, in: string, description?: string, schema: Record<string, unknown> }[]
  requestBody?: { content: Record<string, { schema: unknown }> }
  responses: Record<string, { description: string, headers?: Record<string, unknown>, content?: Record<string, { example?: unknown }>, links?: Record<string, unknown> }>
}

const ITEM = '/programming_languages/{programming_language_id}'
const OPERATIONS: [string, string, string, string[]][] = [
  ['/programming_languages', 'get', 'listProgrammingLanguages', ['200', '304', '400', '412', '500', '503', 'default']],
  ['/programming_languages', 'post', 'createProgrammingLanguage', ['201', '400', '409', '413', '415', '422', '500', '503', 'default']],
  [ITEM, 'get', 'getProgrammingLanguage', ['200', '304', '400', '404', '412', '500', '503', 'default']],
  [ITEM, 'put', 'replaceProgrammingLanguage', ['200', '204', '400', '404', '412', '413', '415', '500', '503', 'default']],
  [ITEM, 'patch', 'updateProgrammingLanguage', ['200', '204', '400', '404', '409', '412', '413', '415', '422', '500', '503', 'default']],
  [ITEM, 'delete', 'deleteProgrammingLanguage', ['204', '400', '404', '412', '413', '415', '500', '503', 'default']],
  ['/health', 'get', 'getHealth', ['200', '400', '500', '503', 'default']],
  ['/health/live', 'get', 'getLiveness', ['200', '400', '500', '503', 'default']]
]

t.test('the OpenAPI document', async (t) => {
  const app = build(t)
  const { status, body, headers } = await call(app, 'GET /openapi.json')
  t.equal(status, 200)
  t.equal(body.openapi, '3.1.0')
  const { version } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'))
  t.match(body.info, { title: 'Programming Languages API', version, license: { identifier: 'MIT' } })
  t.same((await call(app, 'GET /docs/json')).body, body, 'the same at /docs/json')
  t.match(await call(app, 'GET /docs/yaml'), { status: 200, text: /^openapi: 3\.1\.0\n/ })
  t.equal((await call(app, 'GET /openapi.json', { headers: { 'if-none-match': String(headers.etag) } })).status, 304)

  t.same(Object.keys(body.components.schemas).sort(), [
    'Health', 'JsonPatch', 'JsonPatchOperation', 'NewProgrammingLanguage', 'Problem', 'ProgrammingLanguage',
    'ProgrammingLanguageMergePatch', 'ProgrammingLanguagePage', 'ProgrammingLanguageReplacement', 'Violation'
  ])
  t.notMatch(JSON.stringify(body), /x-messages|\$id|def-0/)

  const found = Object.entries(body.paths).flatMap(([path, item]) => Object.keys(item as object).map((method) => [path, method].join(' ')))
  t.same(found.sort(), OPERATIONS.map(([path, method]) => [path, method].join(' ')).sort())
  for (const [path, method, operationId, statuses] of OPERATIONS) {
    const operation: Operation = body.paths[path][method]
    t.match(operation, { operationId, summary: /\w/, description: /\w/ })
    t.equal(operation.tags?.length, 1)
    t.same(Object.keys(operation.responses), statuses, operationId)
    for (const [status, response] of Object.entries(operation.responses)) {
      t.match(response.description, /\w/)
      if (status === '201') t.ok('Location' in (response.headers ?? {}))
      if (status === '503') t.ok('Retry-After' in (response.headers ?? {}))
      if (/^(200|201|304)$/.test(status) && !path.startsWith('/health')) t.ok('ETag' in (response.headers ?? {}), `${operationId} ${status}`)
      if (/^20[01]$/.test(status)) t.ok(response.content?.['application/json']?.example, 'an example')
      if (Number(status) >= 400) t.same(Object.keys(response.content ?? {}), ['application/problem+json'])
      if (/^20[01]$/.test(status) && !path.startsWith('/health')) {
        t.same(Object.keys(response.links ?? {}), ['getProgrammingLanguage', 'replaceProgrammingLanguage', 'updateProgrammingLanguage', 'deleteProgrammingLanguage'])
      }
    }
    for (const parameter of operation.parameters ?? []) t.match(parameter.description, /\w/, parameter.name)
  }
  const list: Operation = body.paths['/programming_languages'].get
  t.same(list.parameters?.map(({ in: part, name, schema }) => [part, name, schema.default]), [
    ['query', 'before_year', 30000], ['query', 'after_year', 0], ['query', 'name', undefined], ['query', 'publication_year', undefined], ['query', 'sort', 'id'],
    ['query', 'limit', 100], ['query', 'cursor', undefined], ['query', 'total', false],
    ['header', 'If-Match', undefined], ['header', 'If-None-Match', undefined], ['header', 'Accept-Encoding', undefined], ['header', 'X-Request-Id', undefined]
  ])
  t.same(Object.keys(body.paths[ITEM].patch.requestBody.content), ['application/merge-patch+json', 'application/json-patch+json', 'application/json'])
})

t.test('the examples of the document are what the API answers', async (t) => {
  const app = build(t)
  const { body } = await call(app, 'GET /openapi.json')
  t.same((await call(app, 'GET /programming_languages/0')).body, body.paths[ITEM].get.responses[200].content['application/json'].example)
  t.same((await call(app, 'GET /health')).body, body.paths['/health'].get.responses[200].content['application/json'].example)
  const [example] = body.components.schemas.NewProgrammingLanguage.examples
  t.equal((await call(app, 'POST /programming_languages', { body: example })).status, 201)
  const [patch] = body.components.schemas.ProgrammingLanguageMergePatch.examples
  t.equal((await call(app, 'PATCH /programming_languages/0', { body: patch })).status, 200)
})

t.test('the pages come from this server alone, with security headers', async (t) => {
  const app = build(t)
  t.match(await call(app, 'GET /'), { status: 302, headers: { location: '/docs' } })
  const { status, headers, text } = await call(app, 'GET /docs')
  t.equal(status, 200)
  t.match(headers, { 'content-type': /^text\/html/, 'content-security-policy': /default-src 'self'/, 'x-content-type-options': 'nosniff' })
  t.notMatch(headers['content-security-policy'], /https?:\/\/|upgrade-insecure-requests/)
  t.notMatch(text, /https?:\/\//)
  t.equal((await call(app, 'GET /programming_languages')).headers['content-security-policy'], "default-src 'none'; frame-ancestors 'none'", 'an API answer has one of its own')
})

t.test('If-Match and If-Range compare the weak tags of files strongly', async (t) => {
  const app = build(t)
  const file = 'GET /docs/static/swagger-ui.css'
  const { headers: { etag, 'last-modified': date }, text } = await call(app, file)
  t.match(etag, /^W\//)
  for (const field of [etag, String(etag).slice(2), `"x", ${etag}`, '"x"', '']) {
    const answer = await call(app, file, { headers: { 'if-match': String(field) } })
    t.match(answer, { status: 412, headers: { 'content-type': 'application/problem+json' }, body: { type: 'urn:problem-type:precondition-failed' } }, String(field))
  }
  t.equal((await call(app, file, { headers: { 'if-match': '*' } })).status, 200)
  t.equal((await call(app, 'GET /docs/static/x', { headers: { 'if-match': '"x"' } })).status, 404)
  const range = { range: 'bytes=0-9' }
  t.match(await call(app, file, { headers: range }), { status: 206, text: text.slice(0, 10) })
  for (const field of [etag, String(etag).slice(2), '"x"', date]) {
    t.match(await call(app, file, { headers: { ...range, 'if-range': String(field) } }), { status: 200, text }, String(field))
  }
  t.equal((await call(app, file, { headers: { 'if-none-match': String(etag) } })).status, 304)
})

t.test('the pages find their parts under any prefix', async (t) => {
  for (const [prefix, start] of [['', ''], ['/api', '/api'], ['/tenants/:tenant', '/tenants/x']] as const) {
    const app = fastify()
    t.teardown(() => app.close())
    await app.register(programmingLanguages, { prefix })
    for (const page of [`${start}/docs`, `${start}/docs/`]) {
      const { text } = await call(app, `GET ${page}`)
      t.match(text, '<title>Programming Languages API</title>')
      const parts = [...text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, reference = '']) => new URL(reference, `http://x${page}`).pathname)
      t.ok(parts.length > 3)
      for (const path of parts) t.equal((await call(app, `GET ${path}`)).status, 200, `${page}: ${path}`)
    }
  }
})
