import t from 'tap'
import { build, call, LANGUAGE } from '../build.js'

const COBOL = '/programming_languages/0'

t.test('the same content has the same entity-tag, different content another', async (t) => {
  const [one, other] = [build(t), build(t)]
  const { headers: { etag } } = await call(one, `GET ${COBOL}`)
  t.equal((await call(other, `GET ${COBOL}`)).headers.etag, etag, 'on another server')
  t.not((await call(one, 'GET /programming_languages/1')).headers.etag, etag)
  const changed = await call(one, `PATCH ${COBOL}`, { body: { publication_year: 1959 } })
  t.not(changed.headers.etag, etag)
  t.equal((await call(one, `PATCH ${COBOL}`, { body: { publication_year: 1960 } })).headers.etag, etag, 'content that comes back')
})

t.test('the list has one too, which changes when the page does', async (t) => {
  const app = build(t)
  const { headers: { etag } } = await call(app, 'GET /programming_languages?limit=2')
  await call(app, 'PATCH /programming_languages/5', { body: { publication_year: 1968 } })
  t.equal((await call(app, 'GET /programming_languages?limit=2')).headers.etag, etag, 'a change elsewhere')
  await call(app, 'PATCH /programming_languages/1', { body: { publication_year: 1959 } })
  t.not((await call(app, 'GET /programming_languages?limit=2')).headers.etag, etag, 'a change on the page')
})

t.test('reads: If-None-Match answers 304 where it matches, weakly', async (t) => {
  const app = build(t)
  for (const path of [COBOL, '/programming_languages', '/openapi.json']) {
    const { headers: { etag } } = await call(app, `GET ${path}`)
    for (const field of [etag, `W/${etag}`, `"other", ${etag}`, `,, ${etag} ,`, '"a,b",W/"c", ' + etag, '*', ' * ']) {
      for (const method of ['GET', 'HEAD']) {
        const { status, headers, text } = await call(app, `${method} ${path}`, { headers: { 'if-none-match': String(field) } })
        t.match({ status, headers, text }, { status: 304, headers: { etag, 'cache-control': 'no-cache' }, text: '' }, `${method} ${path} ${field}`)
      }
    }
    for (const field of ['"other"', `${etag}`.slice(0, -1) + 'x"', '""']) {
      t.equal((await call(app, `GET ${path}`, { headers: { 'if-none-match': field } })).status, 200, field)
    }
  }
})

t.test('reads: If-Match answers 412 where it does not match', async (t) => {
  const app = build(t)
  const { headers: { etag } } = await call(app, `GET ${COBOL}`)
  t.equal((await call(app, `GET ${COBOL}`, { headers: { 'if-match': String(etag) } })).status, 200)
  t.equal((await call(app, `GET ${COBOL}`, { headers: { 'if-match': '"other"' } })).status, 412)
})

const WRITES = [
  { method: 'PUT', body: LANGUAGE, success: 200 },
  { method: 'PATCH', body: LANGUAGE, success: 200 },
  { method: 'DELETE', body: undefined, success: 204 }
]

for (const { method, body, success } of WRITES) {
  t.test(`${method}: If-Match must match, strongly`, async (t) => {
    const app = build(t)
    const { headers: { etag }, text } = await call(app, `GET ${COBOL}`)
    for (const field of ['"other"', `W/${etag}`, '"a", "b"', `W/"x", W/${etag}`]) {
      const answer = await call(app, `${method} ${COBOL}`, { body, headers: { 'if-match': field } })
      t.match(answer, { status: 412, body: { title: 'Precondition Failed' } }, field)
    }
    t.equal((await call(app, `GET ${COBOL}`)).text, text, 'nothing has changed')
    t.equal((await call(app, `${method} ${COBOL}`, { body, headers: { 'if-match': `"other", ${etag}` } })).status, success)
  })

  t.test(`${method}: If-Match: * takes any`, async (t) => {
    t.equal((await call(build(t), `${method} ${COBOL}`, { body, headers: { 'if-match': '*' } })).status, success)
  })

  t.test(`${method}: If-None-Match must not match`, async (t) => {
    const app = build(t)
    const { headers: { etag } } = await call(app, `GET ${COBOL}`)
    for (const field of ['*', String(etag), `W/${etag}`, `"other", ${etag}`]) {
      t.equal((await call(app, `${method} ${COBOL}`, { body, headers: { 'if-none-match': field } })).status, 412, field)
    }
    t.equal((await call(app, `${method} ${COBOL}`, { body, headers: { 'if-none-match': '"other"' } })).status, success)
  })

  t.test(`${method}: preconditions come after the path, the query, and whether there is anything`, async (t) => {
    const app = build(t)
    const headers = { 'if-match': '"other"' }
    t.equal((await call(app, `${method} /programming_languages/99`, { body, headers })).status, 404)
    t.equal((await call(app, `${method} /programming_languages/099`, { body, headers })).status, 400)
    t.equal((await call(app, `${method} ${COBOL}?x`, { body, headers })).status, 400)
  })
}

t.test('a body is judged by what it meets: 404, then 412, then the content', async (t) => {
  const app = build(t)
  const BODIES: [string, string, unknown, number][] = [
    ['PATCH', 'application/merge-patch+json', { name: 5 }, 400],
    ['PATCH', 'application/json-patch+json', [{ op: 'test', path: '/name', value: 'C' }], 409],
    ['PATCH', 'application/json-patch+json', { op: 'test' }, 400],
    ['PUT', 'application/json', { name: 5 }, 400],
    ['PUT', 'application/json', { id: 1, ...LANGUAGE }, 400],
    ['PUT', 'application/json', [], 400],
    ['PUT', 'application/json', '', 400]
  ]
  for (const [method, type, body, status] of BODIES) {
    const write = (path: string, headers = {}) => call(app, `${method} ${path}`, { body, headers: { 'content-type': type, ...headers } })
    t.equal((await write('/programming_languages/99')).status, 404)
    t.equal((await write('/programming_languages/99', { 'if-match': '"other"' })).status, 404)
    t.equal((await write(COBOL, { 'if-match': '"other"' })).status, 412)
    t.equal((await write(COBOL, { 'if-none-match': '*' })).status, 412)
    t.equal((await write(COBOL)).status, status)
  }
  t.equal((await call(app, `PUT ${COBOL}`, { body: '{', headers: { 'if-match': '"other"' } })).status, 400, 'what is no JSON')
  t.equal((await call(app, `GET ${COBOL}`)).body.name, 'COBOL')
})

t.test('where another part is refused, the body is judged beside it', async (t) => {
  const app = build(t)
  const place = ({ in: part, pointer, parameter }: Record<string, string>) => `${part} ${pointer ?? parameter}`
  const CASES: [string, string, unknown, string[]][] = [
    [`PUT ${COBOL}?x`, 'application/json', { id: 1, ...LANGUAGE, name: '' }, ['query x', 'body /name', 'body /id']],
    ['PUT /programming_languages/00', 'application/json', { id: 1, ...LANGUAGE, name: '' }, ['path programming_language_id', 'body /name']],
    [`PATCH ${COBOL}?x`, 'application/json-patch+json', [{ op: 'test', path: 'x' }], ['query x', 'body /0/path', 'body /0/value']],
    [`PATCH ${COBOL}?x`, 'application/json', { name: 5 }, ['query x']]
  ]
  for (const [request, type, body, places] of CASES) {
    const answer = await call(app, request, { body, headers: { 'content-type': type } })
    t.equal(answer.status, 400)
    t.same(answer.body.errors.map(place).sort(), [...places].sort(), request)
  }
})

t.test('all that a PUT breaks is named at once', async (t) => {
  const { body } = await call(build(t), `PUT ${COBOL}`, { body: { id: 1, ...LANGUAGE, name: '', extra: 1 } })
  t.same(body.errors.map(({ pointer }: Record<string, string>) => pointer).sort(), ['/extra', '/id', '/name'])
})

t.test('a field that is no list of entity-tags is 400', async (t) => {
  const app = build(t)
  for (const field of ['abc', '"a', 'a"', '"a" "b"', 'w/"a"', '*, "a"', '"a", *', ', *', '"a\tb"']) {
    for (const name of ['If-Match', 'If-None-Match']) {
      for (const method of ['GET', 'PUT', 'PATCH', 'DELETE']) {
        const body = method === 'PUT' || method === 'PATCH' ? LANGUAGE : undefined
        const answer = await call(app, `${method} ${COBOL}`, { body, headers: { [name]: field } })
        t.match(answer, { status: 400, body: { errors: [{ in: 'header', parameter: name }] } }, `${method} ${name}: ${field}`)
      }
    }
  }
  t.equal((await call(app, `GET ${COBOL}`)).body.name, 'COBOL')
})

t.test('empty elements of a list are ignored, so that a list of them has no tag', async (t) => {
  const app = build(t)
  for (const field of ['', ' ', ',', ' , ,\t,']) {
    t.equal((await call(app, `GET ${COBOL}`, { headers: { 'if-none-match': field } })).status, 200, field)
    t.equal((await call(app, `GET ${COBOL}`, { headers: { 'if-match': field } })).status, 412, field)
    t.equal((await call(app, `PUT ${COBOL}`, { body: LANGUAGE, headers: { 'if-match': field } })).status, 412, field)
    t.equal((await call(app, `PUT ${COBOL}`, { body: LANGUAGE, headers: { 'if-none-match': field } })).status, 200, field)
  }
})

t.test('a long malformed field is refused quickly', async (t) => {
  const app = build(t)
  for (const field of [',  '.repeat(5000) + 'x', `,${' '.repeat(30_000)}x`, `"a"${' '.repeat(30_000)}x`, `${' '.repeat(30_000)}x`, `${'"",'.repeat(10_000)}x`]) {
    const started = performance.now()
    t.equal((await call(app, `GET ${COBOL}`, { headers: { 'if-match': field } })).status, 400)
    t.ok(performance.now() - started < 10_000)
  }
})

t.test('of 200 simultaneous PUTs with one If-Match, exactly one wins', async (t) => {
  const app = build(t)
  const { headers: { etag } } = await call(app, `GET ${COBOL}`)
  const answers = await Promise.all(Array.from({ length: 200 }, (_, i) =>
    call(app, `PUT ${COBOL}`, { body: { ...LANGUAGE, name: `winner ${i}` }, headers: { 'if-match': String(etag) } })))
  const won = answers.filter(({ status }) => status === 200)
  t.equal(won.length, 1)
  t.equal(answers.filter(({ status }) => status === 412).length, 199)
  t.same((await call(app, `GET ${COBOL}`)).body, won[0]?.body)
})
