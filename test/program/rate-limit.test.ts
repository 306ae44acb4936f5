import t from 'tap'
import { createApi } from '../../app.js'
import { programmingLanguage } from '../../schemas/programming-language.js'
import { build, call, LANGUAGE } from '../build.js'
import { faultOf } from '../program.js'

/** Sends some requests one after the other, and gives their statuses. */
async function statusesOf (app: ReturnType<typeof build>, requests: readonly string[], headers: Record<string, string> = {}): Promise<number[]> {
  const statuses = []
  for (const what of requests) statuses.push((await call(app, what, { headers, body: what.startsWith('POST') ? LANGUAGE : undefined })).status)
  return statuses
}

const KINDS = ['GET /programming_languages', 'GET /nowhere', 'DELETE /programming_languages', 'OPTIONS /programming_languages/1', 'GET /docs', 'POST /programming_languages', 'GET /programming_languages/x']
const ANSWERS = [200, 404, 405, 204, 200, 201, 400]

t.test('requests of every kind count, and more than may be are refused', async (t) => {
  const app = build(t, { rateLimit: KINDS.length })
  t.same(await statusesOf(app, KINDS), ANSWERS)
  t.same(await statusesOf(app, KINDS), KINDS.map(() => 429))
  t.match(await call(app, 'POST /programming_languages', { body: LANGUAGE }), {
    status: 429,
    headers: {
      'content-type': 'application/problem+json',
      'retry-after': /^(60|59)$/,
      'ratelimit-limit': '7',
      'ratelimit-remaining': '0',
      'ratelimit-reset': /^(60|59)$/,
      'cache-control': 'no-store'
    },
    body: { type: 'urn:problem-type:too-many-requests', title: 'Too Many Requests', status: 429, detail: 'a client may send 7 requests in a minute', instance: /^urn:request:/ }
  })
  t.same(await statusesOf(app, ['GET /health', 'GET /health?', 'HEAD /health']), [200, 200, 200], 'health is free')
  t.equal((await call(app, 'GET /programming_languages/8')).status, 429)
  t.equal((await call(app, 'GET /health/x')).status, 429, 'what is below it is not')
})

t.test('each answer says how many are left', async (t) => {
  const app = build(t, { rateLimit: 2 })
  for (const left of ['1', '0']) t.match((await call(app, 'GET /nowhere')).headers, { 'ratelimit-limit': '2', 'ratelimit-remaining': left, 'ratelimit-reset': /^\d+$/ })
  t.notOk('ratelimit-limit' in (await call(app, 'GET /health')).headers)
})

t.test('clients are told apart as a trusted proxy says, and else by their connections', async (t) => {
  const from = (address: string) => ({ 'x-forwarded-for': address })
  const [direct, behind] = [build(t, { rateLimit: 1 }), build(t, { rateLimit: 1, trustProxy: '127.0.0.1', basePath: '/langs' })]
  t.same([...await statusesOf(direct, ['GET /docs'], from('203.0.113.1')), ...await statusesOf(direct, ['GET /docs'], from('203.0.113.2'))], [200, 429])
  for (const address of ['203.0.113.1', '203.0.113.2', '2001:db8:1::1', '2001:db8:1:1::1']) t.same(await statusesOf(behind, ['GET /docs', 'GET /docs'], from(address)), [200, 429], address)
  t.same(await statusesOf(behind, ['GET /docs'], from('2001:db8:1::2')), [429], 'an IPv6 client has a whole network')
  t.same(await statusesOf(behind, ['GET /health', 'GET /langs/health'], from('203.0.113.1')), [200, 200])
})

t.test('a page of another origin may read that there were too many, and what a browser asks first does not count', async (t) => {
  const app = build(t, { rateLimit: 1, corsOrigin: '*' })
  const headers = { origin: 'https://app.example', 'access-control-request-method': 'PATCH' }
  t.same(await statusesOf(app, ['OPTIONS /programming_languages/0', 'OPTIONS /programming_languages/0'], headers), [204, 204])
  t.same(await statusesOf(app, ['GET /programming_languages']), [200])
  t.match(await call(app, 'GET /programming_languages', { headers }), { status: 429, headers: { 'access-control-allow-origin': '*', 'access-control-expose-headers': /RateLimit-Reset/ } })
})

t.test('is off by default, and else a number', async (t) => {
  t.notOk('ratelimit-limit' in (await call(build(t), 'GET /programming_languages')).headers)
  t.equal(faultOf({ RATE_LIMIT: '0' }), 'RATE_LIMIT must be >= 1')
  t.equal(faultOf({ RATE_LIMIT: 'many' }), 'RATE_LIMIT must be integer')
})

t.test('an API without a path for its health has none that is free', async (t) => {
  const api = createApi({ resources: [programmingLanguage], paths: { health: false } })
  t.same(await statusesOf(build(t, { api, rateLimit: 2 }), ['GET /false', 'GET /false/live', 'GET /false']), [404, 404, 429])
})
