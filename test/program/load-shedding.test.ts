import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { build } from '../build.js'

t.test('while work waits for too long, requests are 503, but not the question whether it lives', async (t) => {
  const lines: string[] = []
  const app = build(t, { maxDelay: 100, metrics: {}, logger: { level: 'error', stream: { write: (line: string) => { lines.push(line) } } } })
  const address = await app.listen({ port: 0, host: '127.0.0.1' })
  const ask = (path: string) => fetch(address + path)
  const end = Date.now() + 20_000
  // A start is work too.
  while ((await ask('/health')).status !== 200 && Date.now() < end) await pause(100)
  let answer
  do {
    // A machine that is busy delays the measuring too.
    const busy = performance.now() + 1200
    while (performance.now() < busy);
    await pause(20)
    answer = await ask('/programming_languages/0')
  } while (answer.status === 200 && Date.now() < end)
  t.match(answer, { status: 503 })
  t.equal(answer.headers.get('retry-after'), '1')
  t.match(await answer.json(), { type: 'urn:problem-type:unavailable', detail: 'the server has too much to do just now' })
  for (const [path, status] of [['/health/live', 200], ['/metrics', 200], ['/health', 503], ['/nowhere', 503]] as const) t.equal((await ask(path)).status, status, path)
  t.same(lines, [], 'it is no error')
  while ((await ask('/programming_languages/0')).status !== 200 && Date.now() < end) await pause(100)
  t.equal((await ask('/programming_languages/0')).status, 200, 'and later all is well')
})
