import { execFileSync } from 'node:child_process'
import crypto from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { METHODS } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { createApi, defineResource } from '../../index.js'
import { createStandalone, type StandaloneOptions } from '../../program/standalone.js'
import { createTokens } from '../../program/tokens.js'
import { faultOf, listening, many, said, start, startCounted, startWorkers } from '../program.js'

const LIST = '/programming_languages'
const LANGUAGE = { name: 'Simula', publication_year: 1967, contribution: 'classes' }

function open (t: Test, options: StandaloneOptions = {}) {
  const app = createStandalone({ tokens: createTokens(['first-token', 'second~token==']), ...options })
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

// All that a client may try in the place of a token, by every method: at other spellings of a path, with other fields, and with other bodies.

const [NO_TYPE, JSON_BODY] = ['', `Content-Type: application/json\r\n\r\n${JSON.stringify(LANGUAGE)}`]
const METHODS_TRIED = [...METHODS.filter((method) => method !== 'CONNECT'), 'FOO', 'Post', 'delete']

const targetsFor = (base: string): string[] => [
  `${LIST}/0?`, `${LIST}/%30`, '/%70rogramming_languages/0', '/%2570rogramming_languages/0', '/Programming_Languages/0', '//programming_languages/0', `${LIST}//0`, `${LIST}/0/`, `${LIST}/`, `/x/..${LIST}/0`,
  `/x/%2e%2e${LIST}/0`, `/.${LIST}/0`, `${LIST}/./0`, `${LIST}%2f0`, `${LIST}/0;x=y`, `${LIST}/0%00`, `${LIST}/0%20`, `${LIST}\\0`, `${LIST}/0.json`, `${LIST}/*`, '*', '/health/../programming_languages/0',
  `${LIST}/0?access_token=first-token`, `${LIST}/0?token=first-token`, `${LIST}?_method=DELETE`, `${LIST}/0?_method=DELETE`, `${LIST}/0?method=delete&authorization=Bearer%20first-token`
].flatMap((path) => path.startsWith('/') ? [path, base + path, `http://x${path}`, `HTTP://first-token@x${path}`] : [path])
  .concat(base === '' ? [] : [`${base.toUpperCase()}${LIST}/0`, `${base}${base}${LIST}/0`, `${base}/${LIST}/0`, `/${base}${LIST}/0`, `${base}/..${base}${LIST}/0`, `${base}%2f..${LIST}/0`])

const FIELDS_TRIED = [
  'Authorization:', 'Authorization: Bearer', 'Authorization: Bearer ', 'Authorization: Bearer ,', 'Authorization: first-token', 'Authorization: Bearerfirst-token', 'Authorization: Bearer\tfirst-token',
  'Authorization: Basic first-token', `Authorization: Basic ${btoa('x:first-token')}`, 'Authorization: Digest first-token', 'Authorization: Bearer "first-token"', 'Authorization: Bearer token=first-token',
  'Authorization: Bearer First-Token', 'Authorization: Bearer first-toke', 'Authorization: Bearer first-tokens', 'Authorization: Bearer first-token,second~token==', 'Authorization: Bearer second~token',
  'Authorization: Bearer first-token\0', 'Authorization: Bearer first\0-token', 'Authorization: Bearer first- token', 'Authorization : Bearer first-token', 'Authorization: Bearer\r\n first-token', '\r\nAuthorization: Bearer first-token',
  'Authorization: Bearer x\r\nAuthorization: Bearer first-token', 'Authorization: Bearer first-token\r\nAuthorization: Bearer x', 'Authorization: Bearer first-token\r\nAuthorization: Bearer first-token', 'Authorization: Bearer __proto__',
  'Proxy-Authorization: Bearer first-token', 'X-Authorization: Bearer first-token', 'X-API-Key: first-token', 'Cookie: token=first-token; access_token=first-token', 'X-Original-Authorization: Bearer first-token',
  ...['X-HTTP-Method-Override', 'X-HTTP-Method', 'X-Method-Override'].flatMap((name) => ['GET', 'DELETE', 'PUT'].map((method) => `${name}: ${method}`)), 'X-Original-URL: /health', 'X-Rewrite-URL: /health',
  'X-Forwarded-For: 127.0.0.1', 'Forwarded: for=127.0.0.1', 'Origin: http://127.0.0.1', 'Prefer: return=minimal', 'If-Match: *', 'If-None-Match: *', 'Idempotency-Key: known', 'Upgrade: h2c', 'Expect: 100-continue', 'Transfer-Encoding: chunked',
  'Access-Control-Request-Method: DELETE'
]

const BODIES_TRIED = [
  NO_TYPE, `Content-Type: application/merge-patch+json\r\n\r\n${JSON.stringify(LANGUAGE)}`, 'Content-Type: application/json-patch+json\r\n\r\n[{"op":"replace","path":"/name","value":"X"}]', `Content-Type: text/plain\r\n\r\n${JSON.stringify(LANGUAGE)}`,
  `Content-Type: application/json; charset=utf-8\r\n\r\n${JSON.stringify({ ...LANGUAGE, _method: 'DELETE', access_token: 'first-token' })}`, 'Content-Type: application/x-www-form-urlencoded\r\n\r\n_method=DELETE&access_token=first-token&name=X',
  'Content-Type: multipart/form-data; boundary=x\r\n\r\n--x\r\nContent-Disposition: form-data; name="_method"\r\n\r\nDELETE\r\n--x--\r\n', `\r\n${JSON.stringify(LANGUAGE)}`
]

/** Sends a request on a connection of its own, and gives all that comes of it. */
async function exchange (address: string, line: string, fields: readonly string[], typeAndBody: string): Promise<string> {
  const { hostname, port } = new URL(address)
  const begin = typeAndBody.indexOf('\r\n\r\n')
  const [type, body] = begin === -1 ? ['', typeAndBody.trim()] : [typeAndBody.slice(0, begin), typeAndBody.slice(begin + 4)]
  const length = body === '' || fields.some((field) => /^transfer-encoding/i.test(field)) ? '' : `Content-Length: ${body.length}`
  const socket = connect(Number(port), hostname).setEncoding('latin1')
  socket.write(`${[`${line} HTTP/1.1`, 'Host: x', 'Connection: close', ...fields, type, length].filter(Boolean).join('\r\n')}\r\n\r\n${body}`, 'latin1')
  return (await socket.toArray()).join('')
}

for (const [name, workers, base] of [['one process', 1, ''], ['two workers', 2, ''], ['a server below a path', 1, '/langs']] as const) {
  t.test(`without a token, no request to ${name} writes: by no method, field, spelling of the path or media type`, async (t) => {
    const settings = { API_TOKENS: 'first-token,second~token==', ...base !== '' && { BASE_PATH: base } }
    const { program, output, exited } = workers === 1 ? start(t, settings) : startWorkers(t, workers, settings)
    const address = await listening(program, output)
    const token = 'Authorization: Bearer first-token'
    const known = await exchange(address, `POST ${base}${LIST}`, [token, 'Idempotency-Key: known'], JSON_BODY)
    t.match(known, / 201 [^]*"id":8/)
    const readAll = () => exchange(address, `GET ${base}${LIST}`, ['X-Request-Id: x'], '').then((answer) => answer.replace(/\r\nDate: .*/i, ''))
    const before = await readAll()

    const paths = [`${base}${LIST}`, `${base}${LIST}/0`]
    const tried = METHODS_TRIED.flatMap((method) => [
      ...targetsFor(base).map((target) => [`${method} ${target}`, [], JSON_BODY] as const),
      ...FIELDS_TRIED.flatMap((field) => paths.map((path) => [`${method} ${path}`, [field], JSON_BODY] as const)),
      ...BODIES_TRIED.flatMap((body) => paths.map((path) => [`${method} ${path}`, [], body] as const))
    ])
    const done = new Set<string>()
    const left = tried.values()
    // Each takes the next that nobody has.
    await many(32, async () => {
      for (const [line, fields, body] of left) {
        const answer = await exchange(address, line, fields, body)
        const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1])
        if (/^(GET|HEAD|OPTIONS) /.test(line) ? !(status >= 200) : !(status >= 400 && status < 600 && status !== 500)) done.add(`${line} ${fields.join()} ${body}: ${answer.slice(0, 200)}`)
        if (/^location:/im.test(answer) && !/^(GET|HEAD) /.test(line)) done.add(`${line} ${fields.join()} ${body}: ${answer}`)
      }
    })
    t.strictSame([...done], [], `each of ${tried.length} was refused`)
    t.equal(await readAll(), before, 'to the byte')

    const item = `${base}${LIST}/0`
    for (const [line, status] of [[`PUT ${item}`, 200], [`PATCH ${item}`, 200], [`DELETE ${item}`, 204], [`POST ${base}${LIST}`, 201]] as const) {
      t.match(await exchange(address, line, [], JSON_BODY), / 401 /, line)
      t.match(await exchange(address, line, [token], JSON_BODY), ` ${status} `, `${line} with a token`)
    }
    program.kill('SIGTERM')
    t.same(await exited, [0, null])
  })
}

t.test('a token is compared with each that is taken, and all of it, whichever it is', async (t) => {
  const compared: number[] = []
  const timingSafeEqual: typeof crypto.timingSafeEqual = (known, given) => {
    compared.push(known.byteLength)
    return crypto.timingSafeEqual(known, given)
  }
  const { createTokens } = await t.mockImport<typeof import('../../program/tokens.js')>('../../program/tokens.js', { 'node:crypto': { ...crypto, timingSafeEqual } })
  const tokens = createTokens(['first-token', 'second~token==', 'third'])
  for (const [token, isTaken] of [['first-token', true], ['third', true], ['first-toke', false], ['', false], ['x'.repeat(1000), false]] as const) {
    compared.length = 0
    t.equal(tokens.has(token), isTaken, token)
    t.same(compared, [32, 32, 32], token)
  }
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

/** Waits until all processes, of which any may get a request, answer to a token with a status. */
async function allAnswer (address: string, token: string, status: number): Promise<void> {
  while ((await many(20, () => statusWith(address, token))).some((each) => each !== status));
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
    await said(program, output, /there are 2 now/)
    await allAnswer(address, 'old-token', 401)
    for (const token of ['new-token', 'fixed']) await allAnswer(address, token, 404)

    writeFileSync(file, 'new-token\nno token\n')
    program.kill('SIGHUP')
    await said(program, output, /tokens stay as they were: API_TOKENS_FILE has no token, as RFC 6750 spells one, in line 2/)
    await allAnswer(address, 'new-token', 404)
    t.equal(output.out.match(/"msg":"tokens /g)?.length, 2, 'each is said once')
    t.notMatch(output.out + output.err, /new-token|old-token|fixed/)
    program.kill('SIGTERM')
    t.same(await exited, [0, null])
  })
}

t.test('a worker in the place of another takes the tokens that the others take, whatever the file says by then', async (t) => {
  const file = join(t.testdir({ tokens: 'first\n' }), 'tokens')
  const { program, output, exited } = startWorkers(t, 2, { API_TOKENS_FILE: file, METRICS: 'true' }, startCounted)
  const address = await listening(program, output)
  t.equal((await fetch(`${address}/metrics`)).status, 200)
  let [deaths, reloads] = [0, 0]
  const kill = async () => {
    const [victim] = execFileSync('pgrep', ['-P', String(program.pid)], { encoding: 'utf8' }).split('\n')
    process.kill(Number(victim), 'SIGKILL')
    await said(program, output, new RegExp(`(?:listens in its place[^]*){${++deaths}}`))
  }
  const reload = async (text: string) => {
    writeFileSync(file, text)
    program.kill('SIGHUP')
    await said(program, output, new RegExp(`(?:"msg":"tokens [^]*){${++reloads}}`))
  }

  await reload('b d\n')
  await kill()
  await allAnswer(address, 'first', 404)

  writeFileSync(file, 'second\n')
  await kill()
  for (const [token, status] of [['first', 404], ['second', 401]] as const) {
    t.same(new Set(await many(40, () => statusWith(address, token))), new Set([status]), token)
  }

  await reload('second\n')
  await allAnswer(address, 'second', 404)
  await allAnswer(address, 'first', 401)
  await kill()
  for (const [token, status] of [['first', 401], ['second', 404]] as const) {
    t.same(new Set(await many(40, () => statusWith(address, token))), new Set([status]), token)
  }
  t.equal(output.out.match(/is gone: it ended with SIGKILL/g)?.length, deaths)
  t.equal(output.out.match(/is gone/g)?.length, deaths, 'none failed to start')
  program.kill('SIGTERM')
  t.same(await exited, [0, null])
})

t.test('a worker that gets a SIGHUP itself does nothing', async (t) => {
  const file = join(t.testdir({ tokens: 'first\n' }), 'tokens')
  const { program, output, exited } = startWorkers(t, 2, { API_TOKENS_FILE: file })
  const address = await listening(program, output)
  writeFileSync(file, 'second\n')
  for (const worker of execFileSync('pgrep', ['-P', String(program.pid)], { encoding: 'utf8' }).trim().split('\n')) process.kill(Number(worker), 'SIGHUP')
  await pause(300)
  t.same(new Set(await many(40, () => statusWith(address, 'first'))), new Set([404]))
  t.notMatch(output.out, '"msg":"tokens ')
  program.kill('SIGTERM')
  t.same(await exited, [0, null])
})

t.test('to protect reads without tokens is refused, with all else that is bad', async (t) => {
  for (const PROTECT_READS of ['true', 'false']) {
    for (const tokens of [{ API_TOKENS: 'x' }, { API_TOKENS_FILE: 'x' }]) t.equal(faultOf({ PROTECT_READS, ...tokens }), undefined)
  }
  t.equal(faultOf({ PROTECT_READS: 'false' }), undefined)
  t.equal(faultOf({ PROTECT_READS: 'true' }), 'PROTECT_READS needs API_TOKENS or API_TOKENS_FILE')
  for (const program of [start(t, { PORT: 'x', TRUST_PROXY: 'x' }, '--protect-reads'), start(t, { PORT: 'x', TRUST_PROXY: 'x', PROTECT_READS: 'true' })]) {
    t.same(await program.exited, [1, null])
    t.equal(program.output.err, 'cannot start: PORT must be integer; TRUST_PROXY must be addresses or networks, with commas between them, but has "x"; PROTECT_READS needs API_TOKENS or API_TOKENS_FILE\n')
  }
})

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
