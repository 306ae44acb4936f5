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

  t.test(`${method}: preconditions come last`, async (t) => {
    const app = build(t)
    const headers = { 'if-match': '"other"' }
    t.equal((await call(app, `${method} /programming_languages/99`, { body, headers })).status, 404)
    if (method === 'PUT') t.equal((await call(app, `PUT ${COBOL}`, { body: { name: 5 }, headers })).status, 400)
  })
}

t.test('a PATCH is judged by what is there: 404, then 412, then the content', async (t) => {
  const app = build(t)
  const BODIES: [string, unknown, number][] = [
    ['application/merge-patch+json', { name: 5 }, 400],
    ['application/json-patch+json', [{ op: 'test', path: '/name', value: 'C' }], 409],
    ['application/json-patch+json', { op: 'test' }, 400]
  ]
  for (const [type, body, status] of BODIES) {
    const patch = (path: string, headers = {}) => call(app, `PATCH ${path}`, { body, headers: { 'content-type': type, ...headers } })
    t.equal((await patch('/programming_languages/99')).status, 404)
    t.equal((await patch(COBOL, { 'if-match': '"other"' })).status, 412)
    t.equal((await patch(COBOL)).status, status)
  }
})

t.test('a field that is no list of entity-tags is 400', async (t) => {
  const app = build(t)
  for (const field of ['abc', '"a', 'a"', '"a" "b"', 'w/"a"', '*, "a"', '"a", *', '', ',', '"a\tb"']) {
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

t.test('a long malformed field is refused quickly', async (t) => {
  const started = process.hrtime.bigint()
  const { status } = await call(build(t), `GET ${COBOL}`, { headers: { 'if-match': ',  '.repeat(5000) + 'x' } })
  t.equal(status, 400)
  t.ok(process.hrtime.bigint() - started < 2_000_000_000n)
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
