import { METHODS } from 'node:http'
import t from 'tap'
import { build, call } from '../build.js'

const PATHS: [string, string[]][] = [
  ['/programming_languages', ['GET', 'HEAD', 'POST']],
  ['/programming_languages/0', ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE']],
  ['/health', ['GET', 'HEAD']],
  ['/openapi.json', ['GET', 'HEAD']],
  ['/docs', ['GET', 'HEAD']],
  ['/docs/json', ['GET', 'HEAD']],
  ['/docs/yaml', ['GET', 'HEAD']],
  ['/docs/static/index.html', ['GET', 'HEAD']],
  ['/', ['GET', 'HEAD']]
]

t.test('OPTIONS says what a path takes', async (t) => {
  const app = build(t)
  for (const [path, methods] of PATHS) {
    const { status, headers, text } = await call(app, `OPTIONS ${path}`)
    t.match({ status, headers, text }, { status: 204, headers: { allow: [...methods, 'OPTIONS'].join(', ') }, text: '' }, path)
  }
  const { headers } = await call(app, 'OPTIONS /programming_languages/0')
  t.equal(headers['accept-patch'], 'application/merge-patch+json, application/json-patch+json, application/json')
})

t.test('every other method of HTTP is 405', async (t) => {
  const app = build(t)
  for (const [path, methods] of PATHS) {
    for (const method of METHODS.filter((method) => !['CONNECT', 'OPTIONS', ...methods].includes(method))) {
      const answer = await call(app, `${method} ${path}`)
      t.match(answer, {
        status: 405,
        headers: { allow: [...methods, 'OPTIONS'].join(', '), 'content-type': 'application/problem+json' },
        body: { title: 'Method Not Allowed' }
      }, `${method} ${path}`)
    }
  }
})

t.test('no body makes a method one that a path takes', async (t) => {
  const app = build(t)
  for (const type of ['text/plain', 'application/json']) {
    t.equal((await call(app, 'POST /programming_languages/0', { body: '{', headers: { 'content-type': type } })).status, 405)
    t.equal((await call(app, 'PUT /programming_languages', { body: '{', headers: { 'content-type': type } })).status, 405)
    t.equal((await call(app, 'OPTIONS /programming_languages', { body: '{', headers: { 'content-type': type } })).status, 204)
  }
})
