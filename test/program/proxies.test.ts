import t, { type Test } from 'tap'
import { build } from '../build.js'
import { faultOf } from '../program.js'
import { ask, hasNginx, startNginx } from '../proxies.js'
import { connectTo, request, statusesOf } from '../wire.js'

/** A server that trusts some proxies, and where it believes that its requests come from. */
async function serve (t: Test, trustProxy?: string) {
  const app = build(t, { trustProxy })
  const seen: string[] = []
  app.addHook('onRequest', async ({ ip, protocol }) => { seen.push(`${protocol} ${ip}`) })
  return { app, seen, address: await app.listen({ port: 0, host: '127.0.0.1' }) }
}

const FIELDS = 'X-Forwarded-For: 198.51.100.9, 203.0.113.7\r\nX-Forwarded-Proto: https\r\n'

t.test('what a trusted proxy says of a client is believed, and nothing else', async (t) => {
  for (const [trusted, ...expected] of [
    [undefined, 'http 127.0.0.1', 400],
    ['192.0.2.0/24', 'http 127.0.0.1', 400],
    ['127.0.0.1', 'https 203.0.113.7', 200],
    ['10.0.0.1, 127.0.0.0/8', 'https 203.0.113.7', 200],
    ['loopback,203.0.113.0/24', 'https 198.51.100.9', 200]
  ] as const) {
    const { app, seen } = await serve(t, trusted)
    const { send, until } = await connectTo(t, app.server)
    send(request('GET /health', FIELDS) + request('GET https://api.example/health', 'Connection: close\r\n'))
    const [first, second] = statusesOf(await until(/Connection: close[^]*}$/))
    t.same([first, seen[0], second], [200, ...expected], String(trusted))
  }
})

t.test('so is a real nginx', { skip: hasNginx ? false : 'there is no nginx on this machine' }, async (t) => {
  const { seen, address } = await serve(t, '127.0.0.1')
  const front = await startNginx(t, address, '/langs')
  t.equal((await ask(front, 'GET /langs/health', { headers: { 'x-forwarded-for': '203.0.113.7' } })).status, 200)
  t.same(seen, ['https 203.0.113.7'], 'its own client is at a trusted address too')
})

t.test('a list of proxies that is none is named with what else is bad', async (t) => {
  const rule = 'TRUST_PROXY must be addresses or networks, with commas between them, but has'
  for (const part of ['', 'true', '1', '10.0.0.0/33', '10.0.0.0/x', '10.0.0.1;10.0.0.2']) t.equal(faultOf({ TRUST_PROXY: `127.0.0.1,${part}` }), `${rule} "${part}"`)
  t.equal(faultOf({ TRUST_PROXY: 'me,you', PORT: 'http' }), `PORT must be integer; ${rule} "me"; ${rule} "you"`)
  t.equal(faultOf({ TRUST_PROXY: '127.0.0.1,::1, fd00::/8, loopback' }), undefined)
})
