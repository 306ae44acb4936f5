import fc from 'fast-check'
import t from 'tap'
import { model, StoreUnavailable } from '../../app.js'
import { createMemoryStore } from '../../stores/memory.js'
import { build, call, LANGUAGE, type Content } from '../build.js'

const LIST = '/programming_languages'

t.test('a problem has one shape', async (t) => {
  const app = build(t)
  const { status, headers, body } = await call(app, `GET ${LIST}/99`)
  t.equal(status, 404)
  t.equal(headers['content-type'], 'application/problem+json')
  t.equal(headers['cache-control'], 'no-store')
  t.same(body, {
    type: 'urn:problem-type:not-found', title: 'Not Found', status: 404, detail: 'there is no programming language with the id 99', instance: body.instance
  })
  t.match(body.instance, /^urn:request:[a-z\d]+-[a-z\d]+$/)
  t.not((await call(app, 'GET /nowhere')).body.instance, body.instance)
})

t.test('every violation is named, in every part of the request', async (t) => {
  const { status, body } = await call(build(t), `PUT ${LIST}/01?a=1&b=2`, {
    body: { name: '', publication_year: '1960', 'a/b~c': 1 },
    headers: { 'if-match': 'x', 'if-none-match': 'y' }
  })
  t.equal(status, 400)
  t.equal(body.detail, 'the path, query, header, and body break 9 rules')
  t.same(body.errors.map(({ detail: _, ...place }: Record<string, unknown>) => Object.values(place).join(' ')), [
    'path programming_language_id', 'query a', 'query b', 'header If-Match', 'header If-None-Match',
    'body /contribution', 'body /a~1b~0c', 'body /name', 'body /publication_year'
  ])
})

t.test('the example of the contract', async (t) => {
  const { body } = await call(build(t), `POST ${LIST}`, { body: { ...LANGUAGE, name: '', publication_year: '1960' } })
  t.same(body, {
    type: 'urn:problem-type:invalid-request',
    title: 'Bad Request',
    status: 400,
    detail: 'the body breaks 2 rules',
    instance: body.instance,
    errors: [
      { in: 'body', pointer: '/name', detail: 'must NOT have fewer than 1 characters' },
      { in: 'body', pointer: '/publication_year', detail: 'must be integer' }
    ]
  })
})

t.test('the type names the kind, and the title is the phrase of RFC 9110', async (t) => {
  const app = build(t, { store: { ...createMemoryStore(model), list: () => { throw new StoreUnavailable('away') } } })
  const key = { 'idempotency-key': 'k' }
  t.equal((await call(app, `POST ${LIST}`, { body: LANGUAGE, headers: key })).status, 201)
  const patch = { 'content-type': 'application/json-patch+json' }
  const CASES: [string, Content, number, string, string][] = [
    [`GET ${LIST}?x`, {}, 400, 'invalid-request', 'Bad Request'],
    [`POST ${LIST}`, { body: '{' }, 400, 'invalid-request', 'Bad Request'],
    ['GET /%zz', {}, 400, 'invalid-request', 'Bad Request'],
    ['GET /x', {}, 404, 'not-found', 'Not Found'],
    [`PUT ${LIST}`, {}, 405, 'method-not-allowed', 'Method Not Allowed'],
    [`PATCH ${LIST}/0`, { body: [{ op: 'remove', path: '/x' }], headers: patch }, 409, 'patch-conflict', 'Conflict'],
    [`DELETE ${LIST}/0`, { headers: { 'if-match': '"x"' } }, 412, 'precondition-failed', 'Precondition Failed'],
    [`POST ${LIST}`, { body: ' '.repeat(1024 * 1024 + 1) }, 413, 'content-too-large', 'Content Too Large'],
    [`POST ${LIST}`, { body: LANGUAGE, headers: { 'content-type': 'text/plain' } }, 415, 'unsupported-media-type', 'Unsupported Media Type'],
    [`POST ${LIST}`, { body: { ...LANGUAGE, name: 'x' }, headers: key }, 422, 'key-reused', 'Unprocessable Content'],
    [`GET ${LIST}/0`, { headers: Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`x-${i}`, 'x'])) }, 431, 'fields-too-large', 'Request Header Fields Too Large'],
    [`GET ${LIST}`, {}, 503, 'unavailable', 'Service Unavailable']
  ]
  for (const [request, content, status, kind, title] of CASES) {
    const answer = await call(app, request, content)
    t.match(answer, { status, body: { type: `urn:problem-type:${kind}`, title, status } }, `${request} ${status}`)
  }
})

const NAMES: unknown[] = [
  5, null, true, [], {}, '', ' ', '\t\n\u3000', '\u0000', 'a\u0000b', 'x'.repeat(201), '\u{1F600}'.repeat(201), '\ud800', 'a\udc00b', '\udc00\ud800'
]
const YEARS: unknown[] = ['1960', 1960.5, true, null, [1960], {}, 0, -1, 10000, 1e300, 2 ** 53]

t.test('bodies are never coerced', async (t) => {
  const app = build(t)
  const CASES = [
    ...NAMES.map((value) => ['name', value] as const),
    ...NAMES.filter((value) => typeof value !== 'string' || value.length < 201).map((value) => ['contribution', value] as const),
    ['contribution', 'x'.repeat(2001)] as const,
    ...YEARS.map((value) => ['publication_year', value] as const)
  ]
  for (const [property, value] of CASES) {
    for (const request of [`POST ${LIST}`, `PUT ${LIST}/0`, `PATCH ${LIST}/0`]) {
      const { status, body } = await call(app, request, { body: { ...LANGUAGE, [property]: value } })
      t.equal(status, 400, `${request} ${property}: ${JSON.stringify(value).slice(0, 40)}`)
      t.same(body.errors.map(({ pointer }: { pointer: string }) => pointer), [`/${property}`])
    }
  }
  t.equal((await call(app, `GET ${LIST}`)).body.programming_languages.length, 8)
  t.equal((await call(app, `GET ${LIST}/0`)).body.name, 'COBOL')
})

t.test('what the rules allow', async (t) => {
  const app = build(t)
  for (const properties of [
    { name: 'x'.repeat(200) }, { name: '\u{1F600}'.repeat(200) }, { name: ' C ' }, { name: '\u0001' }, { name: '"\\\u2028</script>' },
    { publication_year: 1 }, { publication_year: 9999 }, { publication_year: 1960.0 }, { contribution: 'x'.repeat(2000) }
  ]) {
    const { status, headers } = await call(app, `POST ${LIST}`, { body: { ...LANGUAGE, ...properties } })
    t.equal(status, 201)
    t.match((await call(app, `GET ${headers.location}`)).body, properties)
  }
})

t.test('unknown properties', async (t) => {
  const app = build(t)
  for (const [name, pointer] of [['year', '/year'], ['__proto__', '/__proto__'], ['constructor', '/constructor'], ['', '/'], ['~', '/~0']]) {
    const body = `{"${name}":{"x":1},${JSON.stringify(LANGUAGE).slice(1)}`
    for (const request of [`POST ${LIST}`, `PUT ${LIST}/0`, `PATCH ${LIST}/0`]) {
      t.match(await call(app, request, { body }), { status: 400, body: { errors: [{ in: 'body', pointer, detail: 'is unknown' }] } }, request)
    }
  }
  t.notOk('x' in {})
})

t.test('of very many violations, the first hundred are named and all are counted', async (t) => {
  const app = build(t)
  const many = Array.from({ length: 15_000 }, (_, i) => [`x${i.toString(36)}`, 0] as const)
  const body = JSON.stringify({ name: '', ...Object.fromEntries(many) })
  for (const [request, count] of [[`POST ${LIST}`, 15_003], [`PUT ${LIST}/0`, 15_003], [`PATCH ${LIST}/0`, 15_001]] as const) {
    const answer = await call(app, request, { body })
    t.match(answer, { status: 400, body: { detail: `the body breaks ${count} rules; the first 100 are named` } }, request)
    t.equal(answer.body.errors.length, 100)
  }
  const { body: { errors, detail } } = await call(app, `GET ${LIST}?${many.slice(0, 1000).map(([name]) => name).join('&')}`)
  t.equal(errors.length, 100)
  t.equal(detail, 'the query breaks 1000 rules; the first 100 are named')
  const removals = Object.fromEntries(many.map(([name]) => [name, null]))
  t.equal((await call(app, `PATCH ${LIST}/0`, { body: removals })).status, 200, 'to remove what is not there is no violation')
})

t.test('a body with too many values is not even parsed', async (t) => {
  const app = build(t)
  const bodies = [Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`x${i.toString(36)}`, 0])), Array.from({ length: 100_000 }, () => 0)]
  for (const request of [`POST ${LIST}`, `PUT ${LIST}/0`, `PATCH ${LIST}/0`]) {
    for (const body of bodies) {
      t.match(await call(app, request, { body }), {
        status: 400, body: { errors: [{ in: 'body', pointer: '', detail: 'must not have more than 20000 values, but has 100001' }] }
      }, request)
    }
  }
  const text = { name: '"'.repeat(50), publication_year: 1967, contribution: ',[{\\"'.repeat(400) }
  t.equal((await call(app, `POST ${LIST}`, { body: text })).status, 201, 'a text is one value, whatever is in it')
})

t.test('a long name is not sent back whole', async (t) => {
  const app = build(t)
  const name = 'x'.repeat(997) + '\u{1f600}'.repeat(200_000)
  const { body: { errors: [{ pointer }] } } = await call(app, `POST ${LIST}`, { body: { ...LANGUAGE, [name]: 0 } })
  t.equal(pointer, `/${'x'.repeat(997)}\ufffd…`)
  const { body } = await call(app, `GET ${LIST}?${'x'.repeat(20_000)}`)
  t.match(body, { errors: [{ in: 'query', parameter: `${'x'.repeat(999)}…` }] })
  t.equal((await call(app, `GET /${'x'.repeat(20_000)}`)).body.detail.length, 1000)
})

t.test('bodies that are no JSON object', async (t) => {
  const app = build(t)
  const BODIES: (string | Buffer)[] = [
    'null', '[]', '[{}]', '5', '"text"', 'true', '{', '{"name":', '{"name":"x",}', '{name:1}', "{'a':1}", 'NaN', '\u0000', ' ', '',
    '{"name":"a"}{', '[1,2', '"\\x"', '{"a":\n}', '\u2028', Buffer.from('{"name":"\xff"}', 'latin1'), Buffer.from([0xed, 0xa0, 0x80]),
    Buffer.from('\ufffe{}', 'utf16le')
  ]
  for (const body of BODIES) {
    for (const request of [`POST ${LIST}`, `PUT ${LIST}/0`]) {
      t.match(await call(app, request, { body }), { status: 400, body: { errors: [{ in: 'body', pointer: '' }] } }, `${request} ${body}`)
    }
  }
  t.equal((await call(app, `POST ${LIST}`)).status, 400, 'no body')
  t.equal((await call(app, `PUT ${LIST}/0`)).status, 400, 'no body')
  t.equal((await call(app, `POST ${LIST}`, { body: '\ufeff' + JSON.stringify(LANGUAGE) })).status, 201, 'a byte order mark is ignored (RFC 8259, section 8.1)')
})

t.test('deep nesting', async (t) => {
  const app = build(t)
  const CASES = ['['.repeat(200_000) + ']'.repeat(200_000), '{"a":'.repeat(100_000) + '1' + '}'.repeat(100_000), '['.repeat(500_000)]
  for (const body of CASES) {
    for (const request of [`POST ${LIST}`, `PUT ${LIST}/0`, `PATCH ${LIST}/0`]) {
      t.match(await call(app, request, { body }), { status: 400, body: { errors: [{ in: 'body', pointer: '' }] } })
    }
  }
})

t.test('a body has 1 MiB at most', async (t) => {
  const app = build(t)
  const body = JSON.stringify(LANGUAGE)
  for (const request of [`POST ${LIST}`, `PUT ${LIST}/0`, `PATCH ${LIST}/0`]) {
    t.match(await call(app, request, { body: body.padEnd(1024 * 1024 + 1) }), { status: 413, body: { title: 'Content Too Large', detail: /1 MiB/ } })
    t.ok((await call(app, request, { body: body.padEnd(1024 * 1024) })).status < 300)
  }
})

t.test('a body needs a media type that the operation takes', async (t) => {
  const app = build(t)
  const body = JSON.stringify(LANGUAGE)
  for (const type of ['text/plain', 'application/xml', 'application/x-www-form-urlencoded', 'application/jsonp', 'json', '', 'application/json-seq']) {
    for (const request of [`POST ${LIST}`, `PUT ${LIST}/0`, `PATCH ${LIST}/0`, `DELETE ${LIST}/0`]) {
      t.equal((await call(app, request, { body, headers: { 'content-type': type } })).status, 415, `${request} ${type}`)
    }
  }
  for (const type of ['application/merge-patch+json', 'application/json-patch+json']) {
    t.match(await call(app, `POST ${LIST}`, { body, headers: { 'content-type': type } }), { status: 415, headers: { accept: 'application/json' } })
    t.equal((await call(app, `PUT ${LIST}/0`, { body, headers: { 'content-type': type } })).status, 415)
  }
  for (const request of [`POST ${LIST}`, `PUT ${LIST}/0`, `DELETE ${LIST}/0`]) {
    const { headers } = await call(app, request, { body, headers: { 'content-type': 'text/plain' } })
    t.match(headers, { accept: 'application/json', 'accept-patch': undefined }, request)
  }
  const patch = await call(app, `PATCH ${LIST}/0`, { body, headers: { 'content-type': 'text/plain' } })
  t.notOk('accept' in patch.headers)
  t.equal(patch.headers['accept-patch'], 'application/merge-patch+json, application/json-patch+json, application/json')
  const zipped = await call(app, `POST ${LIST}`, { body, headers: { 'content-encoding': 'gzip' } })
  t.match(zipped, { status: 415, headers: { 'accept-encoding': 'identity' } })
  t.ok('accept-patch' in (await call(app, `PATCH ${LIST}/0`, { body, headers: { 'content-encoding': 'gzip' } })).headers)
  t.equal((await call(app, `POST ${LIST}`, { body, headers: { 'content-type': 'APPLICATION/JSON;charset=UTF-8' } })).status, 201)
})

t.test('the body of a DELETE can only be JSON, and means nothing', async (t) => {
  const app = build(t)
  t.match(await call(app, `DELETE ${LIST}/0`, { body: '{' }), { status: 400, body: { errors: [{ in: 'body', pointer: '' }] } })
  t.equal((await call(app, `DELETE ${LIST}/0`, { body: { id: 5 } })).status, 204)
})

t.test('a field that asks for what an operation cannot do', async (t) => {
  const app = build(t)
  const post = 'must not be in a POST, because there is nothing yet to compare with'
  const CASES: [string, string, string, string][] = [
    ...['*', '"x"', '', 'x'].flatMap((value) => ['If-Match', 'If-None-Match'].map((name): [string, string, string, string] => [`POST ${LIST}`, name, value, post])),
    [`PUT ${LIST}/0`, 'Content-Range', 'bytes 0-9/10', 'must not be in a PUT, which takes the whole']
  ]
  for (const [request, parameter, value, detail] of CASES) {
    const answer = await call(app, request, { body: LANGUAGE, headers: { [parameter]: value } })
    t.match(answer, { status: 400, body: { errors: [{ in: 'header', parameter, detail }] } }, `${request} ${parameter}: ${value}`)
    t.equal(answer.body.errors.length, 1)
  }
  t.equal((await call(app, `GET ${LIST}`)).body.programming_languages.length, 8)
  t.equal((await call(app, `GET ${LIST}/0`)).body.name, 'COBOL')
  t.equal((await call(app, `GET ${LIST}/0`, { headers: { 'content-range': 'bytes 0-9/10' } })).status, 200)
  const { body: { paths } } = await call(app, 'GET /openapi.json')
  const { description, parameters } = paths[LIST].post
  t.match(description, /`If-Match`.*`If-None-Match`.*400/)
  t.notMatch(JSON.stringify(parameters), /If-/, 'a parameter would be one that may be sent')
  t.match(paths[`${LIST}/{programming_language_id}`].put.description, /`Content-Range`.*400/)
})

t.test('a path that is not percent-encoded UTF-8', async (t) => {
  const app = build(t)
  for (const path of [`${LIST}/%`, `${LIST}/%zz`, `${LIST}/%ED%A0%80`, '/%ff']) {
    t.match(await call(app, `GET ${path}`), { status: 400, headers: { 'content-type': 'application/problem+json' }, body: { status: 400 } }, path)
  }
})

t.test('no such path', async (t) => {
  const app = build(t)
  for (const path of ['/', '/x', `${LIST}x`, `${LIST}/0/1`, `${LIST}/0/`, '/Programming_languages', `/${LIST}`, '/docs/x', '/openapi.yaml']) {
    if (path === '/') continue
    for (const method of ['GET', 'POST', 'OPTIONS', 'TRACE']) {
      t.match(await call(app, `${method} ${path}`), { status: 404, body: { title: 'Not Found' } }, `${method} ${path}`)
    }
  }
})

t.test('whatever JSON is sent, the answer is 201 or a problem, and only 201 changes anything', async (t) => {
  const app = build(t)
  await fc.assert(fc.asyncProperty(fc.oneof(fc.jsonValue(), fc.record({ name: fc.jsonValue(), publication_year: fc.jsonValue(), contribution: fc.string({ unit: 'binary' }) })), async (value) => {
    const before = (await call(app, `GET ${LIST}?limit=1000`)).text
    const { status, body } = await call(app, `POST ${LIST}`, { body: JSON.stringify(value) })
    if (status === 201) return
    t.match([status, body.status, body.title], [400, 400, 'Bad Request'])
    t.ok(body.errors.length > 0)
    t.equal((await call(app, `GET ${LIST}?limit=1000`)).text, before)
  }), { numRuns: 200 })
})

t.test('our own fault says nothing of the inside, but is logged with the id of the request', async (t) => {
  const lines: string[] = []
  const store = { ...createMemoryStore(model), get: () => { throw new Error('secret of /home') } }
  const app = build(t, { store, logger: { level: 'info', stream: { write: (line: string) => { lines.push(line) } } } })
  const { status, text, body } = await call(app, `GET ${LIST}/0`)
  t.equal(status, 500)
  t.same(body, {
    type: 'urn:problem-type:internal', title: 'Internal Server Error', status: 500, detail: 'something went wrong on the server', instance: body.instance
  })
  t.notMatch(text, /secret|\.ts|fastify/i)
  t.match(JSON.parse(lines.at(-1) ?? ''), { level: 50, reqId: body.instance.replace('urn:request:', ''), err: { message: 'secret of /home' } })
  t.equal(lines.length, 1, 'no line for the request itself')
})

t.test('a store that cannot be reached', async (t) => {
  const fail = () => Promise.reject(new StoreUnavailable('connection refused to 10.0.0.1', { retryAfter: 5 }))
  const store = { ...createMemoryStore(model), get: fail, list: fail, create: fail, update: fail, delete: fail, ping: fail }
  const app = build(t, { store })
  for (const request of [`GET ${LIST}`, `POST ${LIST}`, `GET ${LIST}/0`, `PUT ${LIST}/0`, `PATCH ${LIST}/0`, `DELETE ${LIST}/0`, 'GET /health', 'HEAD /health']) {
    const answer = await call(app, request, { body: /^P/.test(request) ? LANGUAGE : undefined })
    t.match(answer, { status: 503, headers: { 'retry-after': '5', 'content-type': 'application/problem+json' } }, request)
    t.notMatch(answer.text, /10\.0\.0\.1/)
  }
})

t.test('whatever a store throws is a problem', async (t) => {
  for (const thrown of [undefined, null, 'text', new Error('secret'), Object.assign(new Error('secret'), { statusCode: NaN }), { statusCode: '404x' }]) {
    const get = () => Promise.reject(thrown)
    const { status, text, body } = await call(build(t, { store: { ...createMemoryStore(model), get, ping: get } }), `GET ${LIST}/0`)
    t.match({ status, body }, { status: 500, body: { title: 'Internal Server Error', detail: 'something went wrong on the server' } }, String(thrown))
    t.notMatch(text, /secret/)
  }
})

t.test('health is 503 whatever fails', async (t) => {
  const store = { ...createMemoryStore(model), ping: () => { throw new Error('secret') } }
  t.match(await call(build(t, { store }), 'GET /health'), { status: 503, headers: { 'retry-after': '1' }, body: { title: 'Service Unavailable' } })
})

t.test('the body of a request to an unknown path is not looked at', async (t) => {
  for (const body of ['{', '', 'x'.repeat(2_000_000)]) t.equal((await call(build(t), 'POST /nowhere', { body })).status, 404)
})

t.test('a store may answer by promises', async (t) => {
  const memory = createMemoryStore(model)
  const later = Object.fromEntries(Object.entries(memory).map(([name, method]) =>
    [name, async (...parameters: never[]) => Reflect.apply(method, memory, parameters)]))
  const app = build(t, { store: { ...memory, ...later } })
  t.equal((await call(app, `POST ${LIST}`, { body: LANGUAGE })).headers.location, `${LIST}/8`)
  t.equal((await call(app, `GET ${LIST}/8`)).body.name, LANGUAGE.name)
  t.equal((await call(app, `PUT ${LIST}/8`, { body: LANGUAGE, headers: { 'if-match': '"x"' } })).status, 412)
  t.equal((await call(app, `PATCH ${LIST}/8`, { body: { name: 5 } })).status, 400)
  t.equal((await call(app, `GET ${LIST}?limit=1`)).body.programming_languages.length, 1)
  t.equal((await call(app, `DELETE ${LIST}/8`)).status, 204)
  t.equal((await call(app, `POST ${LIST}/8`)).status, 404)
  t.equal((await call(app, 'GET /health')).status, 200)
})

t.test('a query that is not percent-encoded UTF-8 is named beside all else that is wrong', async (t) => {
  const app = build(t)
  const detail = 'must be percent-encoded UTF-8'
  const CASES: [string, unknown[]][] = [
    [`GET ${LIST}?name=%FF&limit=0&%zz=1&x=1`, [
      { in: 'query', parameter: 'name', detail },
      { in: 'query', parameter: '%zz', detail },
      { in: 'query', parameter: 'x', detail: 'is unknown' },
      { in: 'query', parameter: 'limit', detail: 'must be >= 1' }
    ]],
    [`POST ${LIST}?name=%FF`, [{ in: 'query', parameter: 'name', detail }, { in: 'body', pointer: '/name', detail: 'is required' }]]
  ]
  for (const [request, errors] of CASES) {
    const { status, body } = await call(app, request, { body: request.startsWith('POST') ? { publication_year: 1967, contribution: 'classes' } : undefined })
    t.equal(status, 400)
    t.same(body.errors, errors)
  }
})
