import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { createApi, defineResource } from '../../index.js'
import { createStandalone, type StandaloneOptions } from '../../program/standalone.js'
import { readTokens } from '../../program/tokens.js'
import { listening, said, startCounted, startWorkers } from '../program.js'

t.setTimeout(240_000)

const LIST = '/programming_languages'
const LANGUAGE = { name: 'Simula', publication_year: 1967, contribution: 'classes' }

function open (t: Test, options: StandaloneOptions = {}) {
  const app = createStandalone({ tokens: readTokens({ API_TOKENS: 'first-token,second~token==' }), ...options })
  t.teardown(() => app.close())
  return app
}

t.test('a write needs a token, and a read does not', async (t) => {
  const app = open(t)
  const refused = await app.inject({ method: 'POST', url: LIST, payload: LANGUAGE })
  t.equal(refused.statusCode, 401)
  t.equal(refused.headers['content-type'], 'application/problem+json')
  t.equal(refused.headers['www-authenticate'], 'Bearer realm="Programming Languages API"')
  t.match(refused.json(), { type: 'urn:problem-type:unauthorized', status: 401, detail: 'this needs a token' })

  const wrong = await app.inject({ method: 'DELETE', url: `${LIST}/0`, headers: { authorization: 'Bearer first-toke' } })
  t.equal(wrong.statusCode, 401)
  t.equal(wrong.headers['www-authenticate'], 'Bearer realm="Programming Languages API", error="invalid_token"')

  for (const authorization of ['Bearer first-token', 'bearer second~token==', 'BEARER  first-token ']) {
    const { statusCode } = await app.inject({ method: 'POST', url: LIST, payload: LANGUAGE, headers: { authorization } })
    t.equal(statusCode, 201, authorization)
  }
  for (const url of [LIST, `${LIST}/0`, '/health', '/openapi.json', '/docs/']) {
    for (const method of ['GET', 'HEAD', 'OPTIONS'] as const) t.ok((await app.inject({ method, url })).statusCode < 300, `${method} ${url}`)
  }
})

t.test('without one, nothing writes: by no method, field, spelling of the path or media type', async (t) => {
  const app = open(t)
  const before = (await app.inject(LIST)).body
  const urls = [`${LIST}/0`, LIST, `${LIST}/0?`, `${LIST}/%30`, '/%70rogramming_languages/0', '//programming_languages/0', `${LIST}/0/`, `/x/..${LIST}/0`, `${LIST}//0`, `http://localhost${LIST}/0`]
  const fields = [{}, { authorization: '' }, { authorization: 'Bearer' }, { authorization: 'Bearer ' }, { authorization: 'Basic first-token' }, { authorization: 'Bearer first-token,second~token==' },
    { 'x-http-method-override': 'GET' }, { 'x-original-url': '/health' }, { 'x-rewrite-url': '/health' }, { cookie: 'token=first-token' }, { 'proxy-authorization': 'Bearer first-token' }]
  const types = ['application/json', 'application/merge-patch+json', 'application/json-patch+json', 'text/plain', 'application/x-www-form-urlencoded', undefined]
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'] as const) {
    for (const url of urls) {
      for (const headers of fields) {
        for (const type of types) {
          const payload = type?.includes('json-patch') === true ? [{ op: 'replace', path: '/name', value: 'X' }] : LANGUAGE
          const { statusCode } = await app.inject({ method, url, headers: { ...headers, ...type !== undefined && { 'content-type': type } }, payload: JSON.stringify(payload) })
          if (![400, 401, 404, 405].includes(statusCode)) t.fail(`${method} ${url} ${JSON.stringify(headers)} ${type} is ${statusCode}`)
        }
      }
    }
  }
  t.equal((await app.inject(LIST)).body, before)
})

t.test('reads need one too, where they are protected, and nobody learns what there is', async (t) => {
  const app = open(t, { protectReads: true })
  const headers = { authorization: 'Bearer first-token' }
  for (const url of [LIST, `${LIST}/0`, `${LIST}/99`]) {
    for (const method of ['GET', 'HEAD'] as const) {
      t.equal((await app.inject({ method, url })).statusCode, 401, `${method} ${url}`)
      t.equal((await app.inject({ method, url, headers })).statusCode, url.endsWith('99') ? 404 : 200, `${method} ${url} with a token`)
    }
  }
  for (const method of ['OPTIONS', 'POST'] as const) {
    t.equal((await app.inject({ method, url: `${LIST}/0` })).statusCode, (await app.inject({ method, url: `${LIST}/99` })).statusCode, method)
  }
  for (const url of ['/health', '/openapi.json', '/docs/']) t.equal((await app.inject(url)).statusCode, 200, url)
})

t.test('the document says which operations need a token', async (t) => {
  for (const protectReads of [false, true]) {
    const { paths, components } = (await open(t, { protectReads }).inject('/openapi.json')).json()
    t.match(components.securitySchemes, { token: { type: 'http', scheme: 'bearer' } })
    const { get, post } = paths[LIST]
    t.same(post.security, [{ token: [] }])
    t.ok(post.responses['401'].headers['WWW-Authenticate'])
    t.same([get.security, '401' in get.responses], protectReads ? [[{ token: [] }], true] : [undefined, false])
    const item = paths[`${LIST}/{programming_language_id}`]
    for (const method of ['put', 'patch', 'delete']) t.same(item[method].security, [{ token: [] }], method)
    t.equal(paths['/health'].get.security, undefined)
  }
})

t.test('an API with a quote in its title, and schemes of its own', async (t) => {
  const quoted = defineResource({ name: 'thing', plural: 'things', description: 'x', properties: {} })
  const api = createApi({ resources: [quoted], title: 'The "Things"', securitySchemes: { key: { type: 'apiKey', in: 'header', name: 'x-key' } } })
  const app = open(t, { api })
  const { headers } = await app.inject({ method: 'POST', url: '/things', payload: {} })
  t.equal(headers['www-authenticate'], 'Bearer realm="The \\"Things\\""')
  t.same(Object.keys((await app.inject('/openapi.json')).json().components.securitySchemes), ['key', 'token'])
})

async function statusWith (address: string, token: string): Promise<number> {
  const { status } = await fetch(`${address}${LIST}/99`, { method: 'DELETE', headers: { authorization: `Bearer ${token}`, connection: 'close' } })
  return status
}

for (const workers of [1, 2]) {
  t.test(`a file of tokens is read again on SIGHUP, by ${workers === 1 ? 'one process' : 'all workers'}`, async (t) => {
    const file = join(t.testdir({ tokens: 'old-token\n\n' }), 'tokens')
    const settings = { API_TOKENS: 'fixed', API_TOKENS_FILE: file }
    const { program, output, exited } = workers === 1 ? startCounted(t, settings) : startWorkers(t, workers, settings, startCounted)
    const address = await listening(program, output)
    t.equal(await statusWith(address, 'old-token'), 404)
    writeFileSync(file, 'new-token\n')
    program.kill('SIGHUP')
    await said(program, output, new RegExp(`(there are 2 now[^]*){${workers}}`))
    t.equal(await statusWith(address, 'old-token'), 401)
    for (const token of ['new-token', 'fixed']) t.equal(await statusWith(address, token), 404, token)

    writeFileSync(file, 'new-token\nno token\n')
    program.kill('SIGHUP')
    await said(program, output, new RegExp(`(tokens stay as they were: API_TOKENS_FILE has no token, as RFC 6750 spells one, in line 2[^]*){${workers}}`))
    t.equal(await statusWith(address, 'new-token'), 404)
    t.notMatch(output.out + output.err, /new-token|old-token|fixed/)
    program.kill('SIGTERM')
    t.same(await exited, [0, null])
  })
}

t.test('tokens that cannot be read are one clear line, which does not show them', async (t) => {
  const dir = t.testdir({ tokens: 'good\nnot good\n' })
  for (const [settings, line] of [
    [{ API_TOKENS: 'a b' }, 'API_TOKENS must be tokens, as RFC 6750 spells them, with commas between them'],
    [{ API_TOKENS_FILE: join(dir, 'none') }, `API_TOKENS_FILE cannot be read: ENOENT: no such file or directory, open '${join(dir, 'none')}'`],
    [{ API_TOKENS_FILE: join(dir, 'tokens') }, 'API_TOKENS_FILE has no token, as RFC 6750 spells one, in line 2']
  ] as const) {
    const { output, exited } = startCounted(t, settings)
    t.same(await exited, [1, null])
    t.equal(output.err, `cannot start: ${line}\n`)
  }
})

t.test('a server that others reach says that anyone can write, unless there are tokens', async (t) => {
  for (const [settings, warns] of [[{ HOST: '0.0.0.0' }, true], [{ HOST: '0.0.0.0', API_TOKENS: 'x' }, false], [{ HOST: '127.0.0.1' }, false]] as const) {
    const { program, output, exited } = startCounted(t, settings)
    await listening(program, output)
    program.kill('SIGTERM')
    await exited
    t.equal(/anyone who reaches 0\.0\.0\.0 can write: there are no API_TOKENS/.test(output.out), warns, JSON.stringify(settings))
  }
})
