import t from 'tap'
import { build, call, LANGUAGE, pages } from '../build.js'

t.test('the starting languages have the ids 0 to 7', async (t) => {
  const { status, body, headers } = await call(build(t), 'GET /programming_languages')
  t.equal(status, 200)
  t.match(headers, { 'content-type': /^application\/json/, etag: /^"[\w-]{22}"$/, 'x-content-type-options': 'nosniff' })
  t.notOk('next' in body)
  t.notOk('link' in headers)
  t.same(body.programming_languages.map(({ id, name, publication_year: year }: Record<string, unknown>) => [id, name, year]), [
    [0, 'COBOL', 1960], [1, 'ALGOL', 1958], [2, 'APL', 1962], [3, 'BASIC', 1964],
    [4, 'PL/I', 1966], [5, 'SIMULA67', 1967], [6, 'Pascal', 1970], [7, 'CLU', 1975]
  ])
})

t.test('view', async (t) => {
  const { status, text, headers } = await call(build(t), 'GET /programming_languages/0')
  t.equal(status, 200)
  t.equal(text, '{"id":0,"name":"COBOL","publication_year":1960,"contribution":"record data"}')
  t.match(headers.etag, /^"[\w-]{22}"$/)
})

t.test('create gives the next id, and says where', async (t) => {
  const app = build(t)
  const { status, headers, body } = await call(app, 'POST /programming_languages', { body: LANGUAGE })
  t.equal(status, 201)
  t.equal(headers.location, '/programming_languages/8')
  t.same(body, { id: 8, ...LANGUAGE })
  const view = await call(app, `GET ${headers.location}`)
  t.same(view.body, body)
  t.equal(view.headers.etag, headers.etag)
})

t.test('replace puts a whole language in place of another', async (t) => {
  const app = build(t)
  const { status, body, headers } = await call(app, 'PUT /programming_languages/5', { body: LANGUAGE })
  t.equal(status, 200)
  t.same(body, { id: 5, ...LANGUAGE })
  const again = await call(app, 'PUT /programming_languages/5', { body })
  t.same([again.status, again.text, again.headers.etag], [200, JSON.stringify(body), headers.etag], 'what was read may be sent back')
})

t.test('what a PUT or a PATCH answers is the representation at the path of the language', async (t) => {
  const app = build(t)
  for (const method of ['PUT', 'PATCH']) {
    for (const target of ['/programming_languages/5', 'http://localhost/programming_languages/5', '/programming_languages/%35', '/programming_languages/5?']) {
      const { headers, text } = await call(app, `${method} ${target}`, { body: { ...LANGUAGE, name: `${method} ${target}` } })
      t.equal(headers['content-location'], '/programming_languages/5', target)
      t.match(await call(app, `GET ${headers['content-location']}`), { text, headers: { etag: headers.etag } })
    }
    t.notOk('content-location' in (await call(app, `${method} /programming_languages/5`, { body: { name: '' } })).headers)
  }
  const patch = { body: { name: 'Simula' }, headers: { 'idempotency-key': 'k' } }
  t.equal((await call(app, 'PATCH /programming_languages/5', patch)).headers['content-location'], '/programming_languages/5')
  await call(app, 'PUT /programming_languages/5', { body: LANGUAGE })
  t.match((await call(app, 'PATCH /programming_languages/5', patch)).headers, { 'idempotency-replayed': 'true', 'content-location': undefined }, 'it was, and is not now')
})

t.test('replace never creates', async (t) => {
  const app = build(t)
  const { status, body } = await call(app, 'PUT /programming_languages/8', { body: LANGUAGE })
  t.equal(status, 404)
  t.equal(body.detail, 'there is no programming language with the id 8')
  t.equal((await call(app, 'POST /programming_languages', { body: LANGUAGE })).body.id, 8)
})

t.test('replace needs every property, and no other id', async (t) => {
  const app = build(t)
  const partial = await call(app, 'PUT /programming_languages/0', { body: { name: 'COBOL' } })
  t.equal(partial.status, 400)
  t.same(partial.body.errors, [
    { in: 'body', pointer: '/publication_year', detail: 'is required' },
    { in: 'body', pointer: '/contribution', detail: 'is required' }
  ])
  const other = await call(app, 'PUT /programming_languages/0', { body: { id: 1, ...LANGUAGE } })
  t.equal(other.status, 400)
  t.same(other.body.errors, [{ in: 'body', pointer: '/id', detail: 'must be the id in the path, 0' }])
  t.equal((await call(app, 'GET /programming_languages/0')).body.name, 'COBOL')
})

t.test('create takes no id', async (t) => {
  const { status, body } = await call(build(t), 'POST /programming_languages', { body: { id: 8, ...LANGUAGE } })
  t.equal(status, 400)
  t.same(body.errors, [{ in: 'body', pointer: '/id', detail: 'is unknown' }])
})

t.test('a deleted id is gone for good, for every method', async (t) => {
  const app = build(t)
  const { status, text } = await call(app, 'DELETE /programming_languages/0')
  t.same([status, text], [204, ''])
  await call(app, 'POST /programming_languages', { body: LANGUAGE })
  for (const method of ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'POST', 'TRACE']) {
    const body = ['PUT', 'PATCH'].includes(method) ? LANGUAGE : undefined
    t.equal((await call(app, `${method} /programming_languages/0`, { body })).status, 404, method)
  }
  const ids = (await pages(app, '/programming_languages')).flat().map(({ id }) => id)
  t.same(ids, [1, 2, 3, 4, 5, 6, 7, 8], 'every other language stays at its id')
})

t.test('the id of the newest language is not given again', async (t) => {
  const app = build(t)
  await call(app, 'DELETE /programming_languages/7')
  t.equal((await call(app, 'POST /programming_languages', { body: LANGUAGE })).body.id, 8)
})

t.test('delete takes a content type without a body, as some clients send', async (t) => {
  const { status } = await call(build(t), 'DELETE /programming_languages/0', { headers: { 'content-type': 'application/json' } })
  t.equal(status, 204)
})

t.test('HEAD answers as GET does, without the body', async (t) => {
  const app = build(t)
  for (const path of ['/programming_languages?limit=2', '/programming_languages/0', '/programming_languages/99', '/health', '/openapi.json', '/docs', '/']) {
    const get = await call(app, `GET ${path}`)
    const head = await call(app, `HEAD ${path}`)
    t.equal(head.status, get.status, path)
    t.equal(head.text, '', path)
    const { date: _, ...fields } = get.headers
    // The instance of a problem is the id of its own request, which may be longer.
    t.match(head.headers, get.status === 404 ? { 'content-type': fields['content-type'] } : fields, path)
  }
})

t.test('an id has one spelling', async (t) => {
  const app = build(t)
  const spellings = ['01', '+1', '-1', '1.0', '1.5', '1e0', '1e3', '0x1', '%201', '1%20', '%00', '１', 'null', '-0', '9007199254740993', '9'.repeat(200)]
  for (const id of spellings) {
    for (const method of ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
      const { status } = await call(app, `${method} /programming_languages/${encodeURI(id).replace('%25', '%')}`, { body: method === 'PUT' ? LANGUAGE : undefined })
      t.equal(status, 400, `${method} ${id}`)
    }
  }
  t.equal((await call(app, 'GET /programming_languages/9007199254740991')).status, 404, 'the greatest safe integer is an id')
  t.match((await call(app, 'GET /programming_languages/01')).body, {
    status: 400, errors: [{ in: 'path', parameter: 'programming_language_id', detail: 'must be a non-negative safe integer in decimal digits' }]
  })
})

t.test('200 simultaneous creates get 200 different, consecutive ids', async (t) => {
  const app = build(t)
  const answers = await Promise.all(Array.from({ length: 200 }, () => call(app, 'POST /programming_languages', { body: LANGUAGE })))
  const ids = answers.map(({ body }) => body.id).sort((a, b) => a - b)
  t.same(ids, Array.from({ length: 200 }, (_, i) => 8 + i))
})
