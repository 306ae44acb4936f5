import t from 'tap'
import { build, call, LANGUAGE } from '../build.js'
import { faultOf } from '../program.js'

const ORIGIN = 'https://app.example'
const ITEM = '/programming_languages/0'
const EXPOSED = ['ETag', 'Link', 'Location', 'Retry-After', 'Allow', 'Accept-Patch', 'Content-Location', 'Preference-Applied', 'Idempotency-Replayed', 'X-Request-Id', 'RateLimit-Remaining']

const corsFields = (headers: object) => Object.keys(headers).filter((name) => name.startsWith('access-control-'))

t.test('every answer may be read by a page of an origin that is named', async (t) => {
  const app = build(t, { corsOrigin: `http://localhost:3000, ${ORIGIN}` })
  for (const [what, status] of [
    ['GET /programming_languages', 200], [`HEAD ${ITEM}`, 200], [`PATCH ${ITEM}`, 200], ['POST /programming_languages', 201], ['GET /docs', 200], ['GET /', 302], ['GET /health', 200],
    [`OPTIONS ${ITEM}`, 204], ['GET /programming_languages/99', 404], ['GET /nowhere', 404], ['OPTIONS /nowhere', 404], ['POST /health', 405], ['GET /programming_languages?x=1', 400]
  ] as const) {
    const body = /^P/.test(what) ? LANGUAGE : undefined
    for (const origin of [ORIGIN, 'http://localhost:3000']) {
      const answer = await call(app, what, { headers: { origin }, body })
      t.match(answer, { status, headers: { 'access-control-allow-origin': origin, vary: /\bOrigin\b/i, 'access-control-allow-credentials': undefined } }, what)
      const exposed = String(answer.headers['access-control-expose-headers']).split(', ')
      t.same(EXPOSED.filter((name) => !exposed.includes(name)), [])
    }
    for (const origin of [undefined, 'https://evil.example', 'https://app.example.evil', 'null', 'http://app.example', 'https://APP.example']) {
      const answer = await call(app, what, { headers: origin === undefined ? {} : { origin }, body })
      t.match(answer, { status, headers: { vary: /\bOrigin\b/i } })
      t.same(corsFields(answer.headers), [], `${what} of ${origin}`)
    }
  }
})

t.test('what depends on the coding that a client takes, too, says both', async (t) => {
  const app = build(t, { corsOrigin: ORIGIN, records: Array.from({ length: 100 }, () => LANGUAGE) })
  for (const headers of [{}, { origin: ORIGIN }, { 'if-none-match': '*' }] as Record<string, string>[]) {
    t.equal((await app.inject({ url: '/programming_languages', headers: { ...headers, 'accept-encoding': 'br' } })).headers.vary, 'Origin, Accept-Encoding')
  }
})

t.test('before a request that a page may not send by itself, the browser is told that it may', async (t) => {
  for (const corsOrigin of [ORIGIN, '*']) {
    const app = build(t, { corsOrigin })
    for (const path of [ITEM, '/programming_languages', '/programming_languages/99', '/nowhere']) {
      const headers = { origin: ORIGIN, 'access-control-request-method': 'PATCH', 'access-control-request-headers': 'content-type,if-match' }
      const answer = await call(app, `OPTIONS ${path}`, { headers })
      t.match(answer, {
        status: 204,
        text: '',
        headers: {
          'access-control-allow-origin': corsOrigin,
          'access-control-allow-methods': /\bPUT, PATCH, DELETE\b/,
          'access-control-allow-headers': 'content-type,if-match',
          'access-control-max-age': '600',
          allow: undefined
        }
      }, path)
    }
    const simple = await call(app, `OPTIONS ${ITEM}`, { headers: { origin: ORIGIN, 'access-control-request-method': 'DELETE' } })
    t.match(simple, { status: 204, headers: { 'access-control-allow-methods': /DELETE/, 'access-control-allow-headers': undefined } })
  }
})

t.test('an OPTIONS that asks for something else is answered as ever', async (t) => {
  const [plain, app] = [build(t), build(t, { corsOrigin: ORIGIN })]
  for (const headers of [{}, { origin: ORIGIN }, { 'access-control-request-method': 'PATCH' }, { origin: 'https://evil.example', 'access-control-request-method': 'PATCH' }] as Record<string, string>[]) {
    const { headers: { allow, 'accept-patch': patches, ...others }, status } = await call(app, `OPTIONS ${ITEM}`, { headers })
    t.same([status, allow, patches], [204, 'GET, HEAD, PUT, PATCH, DELETE, OPTIONS', 'application/merge-patch+json, application/json-patch+json, application/json'])
    if (headers['origin'] !== ORIGIN) t.same(corsFields(others), [])
  }
  t.same(corsFields((await call(plain, `GET ${ITEM}`, { headers: { origin: ORIGIN } })).headers), [], 'off by default')
})

t.test('all origins are one answer to every client', async (t) => {
  const app = build(t, { corsOrigin: '*' })
  for (const headers of [{}, { origin: ORIGIN }] as Record<string, string>[]) {
    t.match(await call(app, `GET ${ITEM}`, { headers }), { status: 200, headers: { 'access-control-allow-origin': '*', 'access-control-expose-headers': /ETag/, vary: undefined } })
  }
})

t.test('what is no list of origins is named', async (t) => {
  for (const list of ['', 'app.example', `${ORIGIN}/`, `${ORIGIN},`, '*,https://x', `${ORIGIN} https://x`, 'https://APP.example']) {
    t.equal(faultOf({ CORS_ORIGIN: list }), 'CORS_ORIGIN must be origins such as https://app.example, with commas between them, or *', list)
  }
  for (const list of ['*', ORIGIN, `${ORIGIN}, http://localhost:3000`, 'http://[::1]:80']) t.equal(faultOf({ CORS_ORIGIN: list }), undefined)
})
