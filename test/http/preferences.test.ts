import t from 'tap'
import { build, call, LANGUAGE } from '../build.js'

const LIST = '/programming_languages'

t.test('return=minimal: the same fields without the body', async (t) => {
  const app = build(t)
  const headers = { prefer: 'return=minimal' }
  const created = await call(app, `POST ${LIST}`, { body: LANGUAGE, headers })
  t.match(created, { status: 201, text: '', headers: { location: `${LIST}/8`, 'preference-applied': 'return=minimal', 'cache-control': 'no-cache', 'content-length': '0' } })
  t.equal(created.headers.etag, (await call(app, `GET ${LIST}/8`)).headers.etag)
  t.notOk('content-type' in created.headers)
  for (const method of ['PUT', 'PATCH']) {
    const body = { ...LANGUAGE, name: method }
    const written = await call(app, `${method} ${LIST}/8`, { body, headers })
    t.match(written, { status: 204, text: '', headers: { 'content-location': `${LIST}/8`, 'preference-applied': 'return=minimal' } }, method)
    t.notOk('content-length' in written.headers)
    t.match(await call(app, `GET ${LIST}/8`), { body, headers: { etag: written.headers.etag } })
  }
  t.match(await call(app, `GET ${LIST}/8`, { headers }), { status: 200, body: { id: 8 } }, 'a read has its body')
  t.match(await call(app, `PUT ${LIST}/8`, { body: {}, headers }), { status: 400, body: { errors: [{}, {}, {}] } }, 'a problem has its body')
})

t.test('an answer that is given again heeds what the client prefers now', async (t) => {
  const app = build(t)
  const key = { 'idempotency-key': 'k' }
  const first = await call(app, `POST ${LIST}`, { body: LANGUAGE, headers: key })
  const again = await call(app, `POST ${LIST}`, { body: LANGUAGE, headers: { ...key, prefer: 'return=minimal' } })
  t.match(again, { status: 201, text: '', headers: { location: first.headers.location, etag: first.headers.etag, 'idempotency-replayed': 'true' } })
  const patch = { body: { name: 'x' }, headers: { 'idempotency-key': 'p', prefer: 'return=minimal' } }
  t.match(await call(app, `PATCH ${LIST}/0`, patch), { status: 204, headers: { 'idempotency-replayed': undefined } })
  t.match(await call(app, `PATCH ${LIST}/0`, patch), { status: 204, text: '', headers: { 'idempotency-replayed': 'true', 'preference-applied': 'return=minimal' } })
})

const MINIMAL = [
  'return=minimal', 'RETURN=Minimal', 'return="minimal"', ' return = minimal ', 'return=minimal;x=1', 'return=minimal; x="a,b"', 'wait=5, return=minimal',
  'respond-async,return=minimal', 'x="return=representation, \\"y", return=minimal', ',, ,return=minimal', 'return=minimal, return=representation'
]
const WHOLE = [
  '', ',', 'return=representation', 'return', 'return=', 'return=none', 'minimal', 'x=return=minimal', 'x; return=minimal', 'x="y, return=minimal"', '"return=minimal',
  'return=representation, return=minimal', 'return=none, return=minimal', '"\\'.repeat(10_000)
]

t.test('the field is read as RFC 7240 has it', async (t) => {
  const app = build(t)
  for (const [fields, status] of [[MINIMAL, 204], [WHOLE, 200]] as const) {
    for (const prefer of fields) {
      const answer = await call(app, `PUT ${LIST}/0`, { body: LANGUAGE, headers: { prefer } })
      t.equal(answer.status, status, prefer)
      t.equal('preference-applied' in answer.headers, status === 204, prefer)
    }
  }
})
