import t, { type Test } from 'tap'
import { build, call, LANGUAGE } from '../build.js'
import { faultOf, listening, said, start } from '../program.js'
import { ask, hasNginx, startNginx, startProxy, type Front } from '../proxies.js'
import { connectTo, request, statusesOf } from '../wire.js'

const BASE = '/tools/langs'
const LIST = `${BASE}/programming_languages`

t.test('a target may have the base path, or lack it', async (t) => {
  const app = build(t, { basePath: BASE })
  for (const base of ['', BASE]) {
    t.match(await call(app, `GET ${base}/programming_languages?limit=1`), {
      status: 200,
      headers: { link: new RegExp(`^<${LIST}\\?limit=1&cursor=[^>]+>; rel="next"$`) },
      body: { next: new RegExp(`^${LIST}\\?limit=1&cursor=`) }
    })
    t.match(await call(app, `POST ${base}/programming_languages`, { body: LANGUAGE }), { status: 201, headers: { location: new RegExp(`^${LIST}/\\d+$`) } })
    t.match(await call(app, `PATCH ${base}/programming_languages/0`, { body: {} }), { status: 200, headers: { 'content-location': `${LIST}/0` } })
    t.match(await call(app, `OPTIONS ${base}/programming_languages`), { status: 204, headers: { allow: /POST/ } })
    for (const root of ['/', `${base}/`, `${base}/?`, BASE, `${BASE}?`]) t.match(await call(app, `GET ${root}`), { status: 302, headers: { location: `${BASE}/docs` } }, root)
    t.equal((await call(app, `GET ${base}/docs`)).status, 200)
    t.equal((await call(app, `GET ${base}/health`)).status, 200)
    t.equal((await call(app, `GET ${base}/nowhere`)).status, 404)
  }
  t.equal((await call(app, `GET ${BASE}${BASE}/health`)).status, 404)
  t.equal((await call(app, `GET ${BASE}s/health`)).status, 404, 'what only begins like it')
  t.equal((await call(app, 'GET /tools/health')).status, 404, 'a part of it')
})

t.test('so may an absolute one, and one may ask about the server as a whole', async (t) => {
  const app = build(t, { basePath: BASE })
  await app.listen({ port: 0, host: '127.0.0.1' })
  const { send, until } = await connectTo(t, app.server)
  const targets = ['/health', `${BASE}/health`, 'http://x/health', `HTTP://x:80${BASE}/health`, 'http://x/nowhere', 'http://x', 'http://x?', `http://x${BASE}`]
  send(targets.map((target) => request(`GET ${target}`)).join('') + request('OPTIONS *', 'Connection: close\r\n'))
  const answer = await until(/Connection: close[^]*\r\n\r\n$/)
  t.same(statusesOf(answer), [200, 200, 200, 200, 404, 302, 302, 302, 204])
  t.equal(answer.match(/location: \/tools\/langs\/docs\r\n/g)?.length, 3)
})

t.test('every link leads through a proxy that strips the base path', async (t) => {
  for (const base of [BASE, '/l.a_n~g-s']) {
    const address = await build(t, { basePath: base }).listen({ port: 0, host: '127.0.0.1' })
    await follow(t, await startProxy(t, address, base), base)
  }
})

t.test('and through an nginx that strips it, with TLS', { skip: hasNginx ? false : 'there is no nginx on this machine' }, async (t) => {
  const address = await build(t, { basePath: BASE }).listen({ port: 0, host: '127.0.0.1' })
  await follow(t, await startNginx(t, address, BASE), BASE)
})

/** Follows every link that the API gives, and does each of the operations of the document. */
async function follow (t: Test, front: Front, base: string): Promise<void> {
  t.equal((await ask(front, 'GET /docs')).status, 404, 'nothing is outside')
  const root = await ask(front, `GET ${base}/`)
  t.equal(root.status, 302)
  const docs = String(root.headers.location)
  const page = await ask(front, `GET ${docs}`)
  t.match(page, { status: 200, headers: { 'content-type': /^text\/html/ } })
  const parts = Array.from(page.text.matchAll(/(?:src|href)="([^"]+)"/g), ([, part = '']) => new URL(part, `${front.origin}${docs}`).pathname)
  t.ok(parts.length > 3)
  for (const part of parts) t.equal((await ask(front, `GET ${part}`)).status, 200, part)

  const created = await ask(front, `POST ${base}/programming_languages`, { body: LANGUAGE })
  t.match(await ask(front, `GET ${created.headers.location}`), { status: 200, body: LANGUAGE })
  t.equal((await ask(front, `POST ${base}/programming_languages`, { body: {} })).status, 400)

  const names = new Set<string>()
  for (let next: string | undefined = `${base}/programming_languages?limit=4`; next !== undefined;) {
    const { status, headers, body } = await ask(front, `GET ${next}`)
    t.equal(status, 200)
    for (const { name } of body.programming_languages) names.add(name)
    t.equal(headers.link, body.next && `<${body.next}>; rel="next"`)
    next = body.next
  }
  t.equal(names.size, 9)

  const { body: { servers, paths } } = await ask(front, `GET ${docs}/json`)
  const operations = Object.entries<Record<string, { tags: string[] }>>(paths).flatMap(([path, item]) => Object.entries(item).map(([method, { tags }]) => ({ path, method, tags })))
  const done: [string, number][] = []
  for (const { path, method } of operations.filter(({ tags }) => !tags.includes('service'))) {
    const { pathname } = new URL(servers[0].url.replace(/\/$/, '') + path.replace('{programming_language_id}', '3'), front.origin)
    const body = ['post', 'put', 'patch'].includes(method) ? LANGUAGE : undefined
    const { status, headers } = await ask(front, `${method.toUpperCase()} ${pathname}`, { body })
    if (headers['content-location'] !== undefined) t.equal(headers['content-location'], pathname)
    done.push([method, status])
  }
  t.same(done.sort(), [['delete', 204], ['get', 200], ['get', 200], ['patch', 200], ['post', 201], ['put', 200]])
}

t.test('is a setting: the log names where the documentation is', async (t) => {
  for (const workers of ['1', '2']) {
    const { program, output } = start(t, { BASE_PATH: '/langs', WORKERS: workers, STORE: workers === '1' ? 'memory:' : `lmdb:${t.testdir({})}` })
    const address = await listening(program, output)
    const [, documentation = ''] = await said(program, output, /documentation at (http:[^"]+)"/)
    t.equal(documentation, `${address}/langs/docs`)
    t.equal((await fetch(documentation)).status, 200)
  }
})

t.test('one that is none, or that a path of the API begins with, is one line', async (t) => {
  for (const base of ['/', 'langs', '/langs/', '//langs', '/a/../b', '/.', '/a b', '']) {
    t.equal(faultOf({ BASE_PATH: base }), 'BASE_PATH must be a path such as /languages, without a slash at its end', base)
  }
  await t.rejects(async () => { await build(t, { basePath: '/programming_languages/x' }).ready() }, { message: 'BASE_PATH must not begin with /programming_languages, as a path of the API does' })
  const { output, exited } = start(t, { BASE_PATH: '/docs' })
  t.same(await exited, [1, null])
  t.equal(output.err, 'cannot start: BASE_PATH must not begin with /docs, as a path of the API does\n')
})
