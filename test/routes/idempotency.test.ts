import t from 'tap'
import { StoreUnavailable } from '../../stores/store.js'
import { createMemoryStore } from '../../stores/memory.js'
import { model } from '../../app.js'
import { build, call, LANGUAGE } from '../build.js'
import { connectTo, request, statusesOf } from '../wire.js'

const LIST = '/programming_languages'
const POST = `POST ${LIST}`
const JSON_PATCH = 'application/json-patch+json'
const MERGE_PATCH = 'application/merge-patch+json'

/** How many languages there are. */
const count = async (app: Parameters<typeof call>[0]) => (await call(app, `GET ${LIST}`)).body.programming_languages.length

t.test('a create that is sent again with its key creates nothing more, and has the same answer', async (t) => {
  const app = build(t)
  const request = { headers: { 'idempotency-key': '"a-key"' }, body: LANGUAGE }
  const first = await call(app, POST, request)
  t.equal(first.status, 201)
  t.notOk('idempotency-replayed' in first.headers)
  for (const key of ['"a-key"', 'a-key']) {
    const again = await call(app, POST, { ...request, headers: { 'idempotency-key': key } })
    t.match(again, { status: 201, text: first.text, headers: { location: first.headers.location, etag: first.headers.etag, 'idempotency-replayed': 'true' } }, key)
  }
  t.equal(await count(app), 9)
})

t.test('the answer stays what it was, whatever became of the language', async (t) => {
  const app = build(t)
  const create = { headers: { 'idempotency-key': 'create' }, body: LANGUAGE }
  const patch = { headers: { 'idempotency-key': 'patch', 'content-type': MERGE_PATCH }, body: { name: 'Simula' } }
  const created = await call(app, POST, create)
  const path = String(created.headers.location)
  const patched = await call(app, `PATCH ${path}`, patch)
  t.match(patched, { status: 200, body: { name: 'Simula' } })
  t.equal((await call(app, `PUT ${path}`, { body: { ...LANGUAGE, name: 'Beta' } })).status, 200)
  t.match(await call(app, POST, create), { status: 201, text: created.text, headers: { 'idempotency-replayed': 'true' } })
  t.match(await call(app, `PATCH ${path}`, patch), { status: 200, text: patched.text, headers: { etag: patched.headers.etag, 'idempotency-replayed': 'true' } })
  t.match(await call(app, `GET ${path}`), { body: { name: 'Beta' } }, 'nothing was changed again')
  t.equal((await call(app, `DELETE ${path}`)).status, 204)
  t.match(await call(app, POST, create), { status: 201, text: created.text })
  t.match(await call(app, `PATCH ${path}`, patch), { status: 200, text: patched.text })
  t.equal((await call(app, `GET ${path}`)).status, 404)
})

t.test('a precondition is looked at once', async (t) => {
  const app = build(t)
  const { headers: { etag } } = await call(app, `GET ${LIST}/0`)
  const request = { headers: { 'idempotency-key': 'k', 'if-match': String(etag) }, body: { name: 'Cobol' } }
  t.equal((await call(app, `PATCH ${LIST}/0`, request)).status, 200)
  t.match(await call(app, `PATCH ${LIST}/0`, request), { status: 200, headers: { 'idempotency-replayed': 'true' } })
  t.equal((await call(app, `PATCH ${LIST}/0`, { ...request, headers: { ...request.headers, 'idempotency-key': 'other' } })).status, 412)
})

t.test('a key with another request is 422', async (t) => {
  const app = build(t)
  const headers = { 'idempotency-key': 'k' }
  await call(app, POST, { headers, body: LANGUAGE })
  const OTHERS: [string, Parameters<typeof call>[2]][] = [
    [POST, { headers, body: { ...LANGUAGE, name: 'Simula' } }],
    [`PATCH ${LIST}/0`, { headers, body: LANGUAGE }],
    [`PATCH ${LIST}/99`, { headers, body: LANGUAGE }]
  ]
  for (const [request, content] of OTHERS) {
    t.match(await call(app, request, content), { status: 422, body: { type: 'urn:problem-type:key-reused', detail: 'this Idempotency-Key was used for another request' } }, request)
  }
  t.equal(await count(app), 9)
  t.match(await call(app, POST, { headers, body: LANGUAGE }), { status: 201, headers: { 'idempotency-replayed': 'true' } })
})

const REPLAYED = { 'idempotency-replayed': 'true' }

t.test('what means the same is the same request, however it is written', async (t) => {
  const app = build(t)
  const headers = { 'idempotency-key': 'k' }
  const created = await call(app, POST, { headers, body: '{"name":"a","publication_year":1967,"contribution":"b"}' })
  const SAME: [string, string, string][] = [
    [LIST, 'application/json', '{ "contribution": "b",\n"publication_year": 1.967e3, "name": "\\u0061" }'],
    [LIST, 'Application/JSON; charset=utf-8', '{"name":"x","name":"a","publication_year":1967,"contribution":"b"}'],
    [`http://localhost${LIST}`, 'application/json', '{"publication_year":1967,"name":"a","contribution":"b"}'],
    ['/programming%5flanguages', 'application/json', '{"name":"a","contribution":"b","publication_year":1967}'],
    [`${LIST}?&`, 'application/json', '{"name":"a","contribution":"b","publication_year":1967}']
  ]
  for (const [target, type, body] of SAME) {
    t.match(await call(app, `POST ${target}`, { headers: { ...headers, 'content-type': type }, body }), { status: 201, text: created.text, headers: REPLAYED }, `${target} ${type} ${body}`)
  }

  const patch = { 'idempotency-key': 'p' }
  t.equal((await call(app, `PATCH ${LIST}/0`, { headers: patch, body: { name: 'Cobol', publication_year: 1959 } })).status, 200)
  for (const [target, type] of [[`${LIST}/%30`, MERGE_PATCH], [`http://x${LIST}/0`, 'application/json']] as const) {
    t.match(await call(app, `PATCH ${target}`, { headers: { ...patch, 'content-type': type }, body: { publication_year: 1959, name: 'Cobol' } }), { status: 200, headers: REPLAYED }, target)
  }

  const operations = [{ op: 'add', path: '/x', value: { a: [{ b: 1, c: 2 }], d: { e: 1, f: 2 } } }, { op: 'remove', path: '/x' }]
  const mixed = [{ value: { d: { f: 2, e: 1 }, a: [{ c: 2, b: 1 }] }, path: '/x', op: 'add' }, { path: '/x', op: 'remove' }]
  const json = { 'idempotency-key': 'j', 'content-type': JSON_PATCH }
  t.equal((await call(app, `PATCH ${LIST}/0`, { headers: json, body: operations })).status, 200)
  t.match(await call(app, `PATCH ${LIST}/0`, { headers: json, body: mixed }), { status: 200, headers: REPLAYED }, 'at all depths')

  const { headers: { etag } } = await call(app, `GET ${LIST}/0`)
  const conditional = (field: string) => call(app, `PATCH ${LIST}/0`, { headers: { 'idempotency-key': 'c', 'if-match': field }, body: {} })
  t.equal((await conditional(`"a,b",${etag}`)).status, 200)
  t.match(await conditional(` "a,b" , ,${etag}`), { status: 200, headers: REPLAYED }, 'lists of tags')
})

t.test('what means something else is another request', async (t) => {
  const app = build(t)
  const { headers: { etag } } = await call(app, `GET ${LIST}/0`)
  const headers = { 'idempotency-key': 'k', 'content-type': JSON_PATCH }
  const body = '[{"op":"add","path":"/x","value":{"a":[1,2]}},{"op":"remove","path":"/x"}]'
  t.equal((await call(app, `PATCH ${LIST}/0`, { headers, body })).status, 200)
  const OTHERS: [string, Record<string, string>, string][] = [
    ['1', {}, body],
    ['0', { 'content-type': MERGE_PATCH }, body],
    ['0', { 'if-match': String(etag) }, body],
    ['0', { 'if-match': '' }, body],
    ['0', { 'if-none-match': '"x"' }, body],
    ['0', {}, body.replace('[1,2]', '[2,1]')],
    ['0', {}, body.replace('[1,2]', '{"0":1,"1":2}')],
    ['0', {}, body.replace('[1,2]', '["1",2]')],
    ['0', {}, body.replace('"a"', '"a":1,"__proto__"')],
    ['0', {}, body.replace('"a"', '"__proto__"')],
    ['0', {}, body.replace('[1,2]', 'null')],
    ['0', {}, '[]']
  ]
  for (const [id, more, other] of OTHERS) {
    t.equal((await call(app, `PATCH ${LIST}/${id}`, { headers: { ...headers, ...more }, body: other })).status, 422, `${id} ${JSON.stringify(more)} ${other}`)
  }
  t.match(await call(app, `PATCH ${LIST}/0`, { headers, body }), { status: 200, headers: REPLAYED })
})

t.test('a key is of who sent it', async (t) => {
  const seen: string[] = []
  const memory = createMemoryStore(model)
  const app = build(t, { store: { ...memory, create: (fields, once) => { seen.push(JSON.stringify(once)); return memory.create(fields, once) } } })
  const post = (key: string, fields = {}) => call(app, POST, { headers: { 'idempotency-key': key, ...fields }, body: LANGUAGE })
  const users = [{}, { authorization: 'Basic YTpzZWNyZXQ=' }, { authorization: 'Bearer b' }, { authorization: 'Bearer b ' + 'x'.repeat(5000) }]
  const paths = []
  for (const user of users) paths.push((await post('k', user)).headers.location)
  t.same(paths, [8, 9, 10, 11].map((id) => `${LIST}/${id}`))
  for (const [i, user] of users.entries()) t.match(await post('"k"', user), { status: 201, headers: { location: paths[i], ...REPLAYED } })
  t.notMatch(seen.join(), /Basic|secret|YTpz|Bearer/)
  t.ok(seen.every((once) => once.length < 200))
})

t.test('two users with one key run at the same time', async (t) => {
  const app = build(t)
  const answers = await Promise.all(['a', 'b', 'c'].map((user) => call(app, POST, { headers: { 'idempotency-key': 'k', authorization: user }, body: LANGUAGE })))
  t.same(answers.map(({ status }) => status), [201, 201, 201])
})

t.test('a host says whose a key is', async (t) => {
  const app = build(t, { idempotencyScope: ({ headers }) => String(headers['x-tenant']) })
  const post = (tenant: string, authorization: string) => call(app, POST, { headers: { 'idempotency-key': 'k', 'x-tenant': tenant, authorization }, body: LANGUAGE })
  t.equal((await post('a', 'Bearer 1')).body.id, 8)
  t.match(await post('a', 'Bearer 2'), { body: { id: 8 }, headers: REPLAYED })
  t.equal((await post('b', 'Bearer 1')).body.id, 9)
})

t.test('a request that failed is not remembered', async (t) => {
  const app = build(t)
  const headers = { 'idempotency-key': 'k' }
  t.equal((await call(app, POST, { headers, body: { ...LANGUAGE, name: '' } })).status, 400)
  t.equal((await call(app, `PATCH ${LIST}/8`, { headers, body: { name: 'Simula' } })).status, 404)
  t.equal((await call(app, `PATCH ${LIST}/0`, { headers: { ...headers, 'if-match': '"x"' }, body: { name: 'Simula' } })).status, 412)
  const created = await call(app, POST, { headers, body: LANGUAGE })
  t.equal(created.status, 201)
  t.notOk('idempotency-replayed' in created.headers)
})

t.test('a key is a String of RFC 9651, or bare', async (t) => {
  const app = build(t)
  const GOOD: [string, ...string[]][] = [
    ['a', '"a"', '"a";x=1', '"a"; x;y="b;\\"c, ";*z=%"d"', '"a";x=?0;y=:YQ==:;z=1.5'],
    ['"a b"'], ['" "'], ['"\\""'], ['"\\\\"', '\\'], ['"~!,;="'], ['~!=@'], ['"a;x=1"'], ['a=b', '"a=b"'],
    ['k'.repeat(255), `"${'k'.repeat(255)}"`], [`"${'\\"'.repeat(255)}"`]
  ]
  const BAD = [
    '', '""', '"', '"a', '"a"b', 'a b', '"\\a"', 'é', '"é"', '"a\t"', 'k'.repeat(256), `"${'k'.repeat(256)}"`, 'a"b', 'a,b', 'a;x=1', '"a", "b"', 'a, a', '"a", "a"',
    '"a" ;x', '"a";', '"a";X=1', '"a";x=', '"a";x="', `"a"${';x=1'.repeat(5000)};`, `"${'\\"'.repeat(10_000)}`
  ]
  for (const [key, ...same] of GOOD) {
    const { status, headers } = await call(app, POST, { headers: { 'idempotency-key': key }, body: LANGUAGE })
    t.match({ status, headers }, { status: 201, headers: { 'idempotency-replayed': undefined } }, key)
    for (const other of same) t.match(await call(app, POST, { headers: { 'idempotency-key': other }, body: LANGUAGE }), { headers: { location: headers.location, ...REPLAYED } }, other)
  }
  for (const key of BAD) {
    t.match(await call(app, POST, { headers: { 'idempotency-key': key }, body: LANGUAGE }), {
      status: 400,
      body: { errors: [{ in: 'header', parameter: 'Idempotency-Key', detail: 'must be 1 to 255 ASCII characters in double quotes, or bare visible ones without quotes, commas and semicolons' }] }
    }, key)
  }
})

t.test('a key is on one line', async (t) => {
  const app = build(t)
  await app.listen({ port: 0, host: '127.0.0.1' })
  const body = JSON.stringify(LANGUAGE)
  for (const [fields, status] of [
    ['Idempotency-Key: "a, b"', 201], ['Idempotency-Key: "a\r\nIDEMPOTENCY-KEY: b"', 400], ['Idempotency-Key: a\r\nIdempotency-Key: a', 400], ['Idempotency-Key: "c, d"', 201]
  ] as const) {
    const { send, closed } = await connectTo(t, app.server)
    send(request(`POST ${LIST}`, `Connection: close\r\nContent-Type: application/json\r\n${fields}\r\nContent-Length: ${body.length}\r\n`) + body)
    t.same(statusesOf(await closed), [status], fields)
  }
  t.equal(await count(app), 10)
})

t.test('other methods do not look at the field', async (t) => {
  const app = build(t)
  const headers = { 'idempotency-key': '"' }
  t.equal((await call(app, `GET ${LIST}/0`, { headers })).status, 200)
  t.equal((await call(app, `PUT ${LIST}/0`, { headers, body: LANGUAGE })).status, 200)
  t.equal((await call(app, `DELETE ${LIST}/0`, { headers })).status, 204)
})

t.test('while the first request with a key runs, the next is 409', async (t) => {
  const memory = createMemoryStore(model)
  let go = () => {}
  const gate = new Promise<void>((resolve) => { go = resolve })
  const app = build(t, { store: { ...memory, create: async (...args) => { await gate; return memory.create(...args) } } })
  const request = { headers: { 'idempotency-key': 'k' }, body: LANGUAGE }
  const first = call(app, POST, request)
  const second = await call(app, POST, request)
  t.match(second, { status: 409, headers: { 'retry-after': '1' }, body: { type: 'urn:problem-type:still-running', title: 'Conflict', detail: 'a request with this Idempotency-Key is still running' } })
  t.equal((await call(app, `PATCH ${LIST}/0`, { headers: { 'idempotency-key': 'other' }, body: { name: 'Cobol' } })).status, 200, 'another key is free')
  go()
  t.equal((await first).status, 201)
  t.match(await call(app, POST, request), { status: 201, headers: { 'idempotency-replayed': 'true' } })
})

t.test('a key whose request failed in the store is free again', async (t) => {
  const memory = createMemoryStore(model)
  let away = true
  const app = build(t, { store: { ...memory, create: (...args) => { if (away) throw new StoreUnavailable('away'); return memory.create(...args) } } })
  const request = { headers: { 'idempotency-key': 'k' }, body: LANGUAGE }
  t.match(await call(app, POST, request), { status: 503 })
  away = false
  t.equal((await call(app, POST, request)).status, 201)
})
