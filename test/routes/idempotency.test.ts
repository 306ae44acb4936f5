import t from 'tap'
import { StoreUnavailable } from '../../stores/store.js'
import { createMemoryStore } from '../../stores/memory.js'
import { model } from '../../app.js'
import { build, call, LANGUAGE } from '../build.js'

const LIST = '/programming_languages'
const POST = `POST ${LIST}`
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

t.test('the same JSON in other white space is the same request; in another form, it is another', async (t) => {
  const app = build(t)
  const headers = { 'idempotency-key': 'k' }
  await call(app, `PATCH ${LIST}/0`, { headers, body: '{"name":"Cobol"}' })
  t.match(await call(app, `PATCH ${LIST}/0`, { headers, body: '{ "name": "Cobol" }' }), { status: 200, headers: { 'idempotency-replayed': 'true' } })
  t.equal((await call(app, `PATCH ${LIST}/0`, { headers: { ...headers, 'content-type': MERGE_PATCH }, body: '{"name":"Cobol"}' })).status, 422)
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

t.test('a key is 1 to 255 visible characters, bare or in quotes', async (t) => {
  const app = build(t)
  const GOOD = ['a', '"a"', '"\\""', '"\\\\"', '~!,;=', 'a"b', 'k'.repeat(255), `"${'q'.repeat(255)}"`]
  const BAD = ['', '""', '"', '"a', '"a"b', 'a b', '"a b"', '"\\a"', 'é', 'k'.repeat(256), `"${'k'.repeat(256)}"`]
  for (const key of GOOD) t.equal((await call(app, POST, { headers: { 'idempotency-key': key }, body: { ...LANGUAGE, contribution: key } })).status, key === '"a"' ? 422 : 201, key)
  for (const key of BAD) {
    t.match(await call(app, POST, { headers: { 'idempotency-key': key }, body: LANGUAGE }), {
      status: 400,
      body: { errors: [{ in: 'header', parameter: 'Idempotency-Key', detail: 'must be 1 to 255 visible ASCII characters, bare or in double quotes' }] }
    }, key)
  }
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
