import { execFile, type ChildProcess } from 'node:child_process'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import t from 'tap'
import { LANGUAGE } from '../build.js'
import { beginCreation, call, listening, many, occupyPort, said, signalAll, start, startCounted, startWorkers, SURPRISE } from '../program.js'

/** The processes that a process has started. */
async function childrenOf ({ pid = 0 }: { pid?: number | undefined }): Promise<number[]> {
  const { stdout } = await promisify(execFile)('pgrep', ['-P', String(pid)]).catch(() => ({ stdout: '' }))
  return stdout.split('\n').filter(Boolean).map(Number)
}

/** Waits until a process has so many children. */
async function children (program: { pid?: number | undefined }, count: number): Promise<number[]> {
  while (true) {
    const found = await childrenOf(program)
    if (found.length === count) return found
    await pause(20)
  }
}

t.test('several workers serve at one port, and what is written through one is read through the others at once', async (t) => {
  const { program, output, exited } = startWorkers(t, 2, { ACCESS_LOG: 'all' }, startCounted)
  const address = await listening(program, output)
  for (let id = 8; id < 16; id++) {
    const body = { ...LANGUAGE, name: `Language ${id}` }
    const created = await call(address, 'POST /programming_languages', { body })
    t.same(created.body, { id, ...body })
    const read = await many(10, () => call(address, `GET /programming_languages/${id}`))
    for (const { status, headers } of read) t.same([status, headers.etag], [200, created.headers.etag])
    const pages = await many(10, () => call(address, 'GET /programming_languages?sort=-id&limit=1'))
    for (const { body } of pages) t.equal(body.programming_languages[0].id, id)
  }
  program.kill('SIGTERM')
  t.same(await exited, [0, null])
  t.equal(output.err, '')
  t.equal(output.out.match(/listening at/g)?.length, 1, 'it says once where it listens')
  const served = output.out.matchAll(/"pid":(\d+).*"msg":"answered"/g)
  t.equal(new Set(Array.from(served, ([, pid]) => pid)).size, 2, 'each worker has served')
})

t.test('a worker that is killed is replaced, and no write is lost that was acknowledged', async (t) => {
  const { program, output, exited } = startWorkers(t, 2, {}, startCounted)
  const address = await listening(program, output)
  const acknowledged: number[] = []
  const writing = { over: false }
  const writers = many(8, async () => {
    while (!writing.over) {
      // Of what the killed worker had in flight, nobody knows.
      const created = await call(address, 'POST /programming_languages', { body: LANGUAGE }).catch(() => undefined)
      if (created?.status === 201) acknowledged.push(created.body.id)
    }
  })
  for (let deaths = 1; deaths <= 2; deaths++) {
    await pause(300)
    const [victim = 0, other] = await children(program, 2)
    process.kill(victim, 'SIGKILL')
    const line = await said(program, output, new RegExp(`worker ${victim} is gone: it ended with SIGKILL; another starts in \\d+ ms`))
    t.match(line[0], /in (100|200) ms/)
    await said(program, output, new RegExp(`(?:worker \\d+ listens in its place[^]*){${deaths}}`))
    t.ok((await children(program, 2)).some((pid) => pid === other), 'the other one lives')
  }
  await pause(300)
  writing.over = true
  await writers
  t.ok(acknowledged.length > 0)
  t.equal(new Set(acknowledged).size, acknowledged.length)
  for (const id of acknowledged) t.match((await call(address, `GET /programming_languages/${id}`)).body, { id, ...LANGUAGE })
  program.kill('SIGTERM')
  t.same(await exited, [0, null])
})

for (const [name, end] of [
  ['SIGTERM to the primary', (program: ChildProcess) => program.kill('SIGTERM')],
  ['SIGINT to all', (program: ChildProcess) => signalAll(program, 'SIGINT')]
] as const) {
  t.test(`${name} lets the requests in flight finish`, async (t) => {
    const { program, output, exited } = startWorkers(t, 2)
    const address = await listening(program, output)
    const requests = Array.from({ length: 6 }, () => beginCreation(address))
    await pause(500)
    end(program)
    await pause(500)
    await t.rejects(call(address, 'GET /health'), 'no other is taken')
    for (const request of requests) request.end()
    const started = Date.now()
    for (const { answer } of requests) t.equal((await answer).status, 201)
    t.same(await exited, [0, null])
    t.ok(Date.now() - started < 5000, 'and then ends at once')
    t.notMatch(output.out, 'is gone')
    t.equal(output.err, '')
  })
}

t.test('an error that nothing caught in a worker is logged, lets its requests in flight finish, and ends it alone: another takes its place', async (t) => {
  const { program, output, exited } = startWorkers(t, 2, SURPRISE)
  const address = await listening(program, output)
  // So many that each worker has some.
  const requests = Array.from({ length: 16 }, () => beginCreation(address))
  await pause(500)
  const [victim = 0] = await childrenOf(program)
  process.kill(victim, 'SIGWINCH')
  await said(program, output, new RegExp(`"level":60,.*"pid":${victim},.*"message":"surprise".*"msg":"an error that nothing caught"`))
  t.equal((await call(address, 'GET /programming_languages/0')).status, 200, 'the other serves')
  for (const request of requests) request.end()
  for (const { answer } of requests) t.equal((await answer).status, 201)
  await said(program, output, new RegExp(`worker ${victim} is gone: it ended with 1;[^]*listens in its place`))
  program.kill('SIGTERM')
  t.same(await exited, [0, null])
})

t.test('one in the process that started them is logged, lets all requests in flight finish, and ends the program with 1', async (t) => {
  const { program, output, exited, closed } = startWorkers(t, 2, SURPRISE)
  const address = await listening(program, output)
  const requests = Array.from({ length: 6 }, () => beginCreation(address))
  await pause(500)
  program.kill('SIGWINCH')
  await said(program, output, new RegExp(`"level":60,.*"pid":${program.pid},.*"message":"surprise".*"msg":"an error that nothing caught"`))
  await pause(500)
  for (const request of requests) request.end()
  for (const { answer } of requests) t.equal((await answer).status, 201)
  t.same(await exited, [1, null])
  await closed
  t.notMatch(output.out, /is gone|"msg":"closed"/)
  t.equal(output.err, '')
})

t.test('a second signal ends it all at once', async (t) => {
  const { program, output, exited, closed } = startWorkers(t, 2, {}, startCounted)
  const { answer } = beginCreation(await listening(program, output))
  await pause(300)
  program.kill('SIGTERM')
  await pause(300)
  const started = Date.now()
  program.kill('SIGTERM')
  await t.rejects(answer)
  t.same(await exited, [1, null])
  await closed
  t.ok(Date.now() - started < 5000)
})

t.test('with SHUTDOWN_DELAY, all workers serve on for a while, but say that they are not ready; the end is logged once', async (t) => {
  const { program, output, exited } = startWorkers(t, 2, { SHUTDOWN_DELAY: '2' })
  const address = await listening(program, output)
  const started = Date.now()
  program.kill('SIGTERM')
  await pause(300)
  t.same((await many(20, () => call(address, 'GET /health'))).filter(({ status }) => status !== 503), [])
  t.same((await many(20, () => call(address, 'GET /programming_languages/0'))).filter(({ status }) => status !== 200), [])
  t.same(await exited, [0, null])
  t.ok(Date.now() - started >= 2000)
  t.equal(output.out.match(/"msg":"closed"/g)?.length, 1)
})

t.test('SIGTERM before they listen ends it in peace', async (t) => {
  const { program, output, exited, closed } = startWorkers(t, 2, {}, startCounted)
  await children(program, 2)
  program.kill('SIGTERM')
  t.same(await exited, [0, null])
  await closed
  t.match(output.out, /^\S*"msg":"closed"}\n$/)
  t.equal(output.err, '')
})

t.test('SIGTERM while a worker is to be replaced: no other is started', async (t) => {
  const { program, output, exited } = startWorkers(t, 2, {}, startCounted)
  const address = await listening(program, output)
  const requests = Array.from({ length: 12 }, () => beginCreation(address))
  const answers = Promise.allSettled(requests.map(({ answer }) => answer))
  await pause(300)
  const [victim = 0] = await children(program, 2)
  process.kill(victim, 'SIGKILL')
  await said(program, output, /is gone/)
  program.kill('SIGTERM')
  await pause(500)
  for (const request of requests) request.end()
  await answers
  t.same(await exited, [0, null])
  t.notMatch(output.out, 'in its place')
})

t.test('workers whose primary is killed end by themselves, after their requests in flight', async (t) => {
  const { program, output, exited, closed } = startWorkers(t, 2)
  const address = await listening(program, output)
  const { answer, end } = beginCreation(address)
  await pause(500)
  program.kill('SIGKILL')
  t.same(await exited, [null, 'SIGKILL'])
  await pause(500)
  end()
  t.equal((await answer).status, 201)
  await closed
  await t.rejects(call(address, 'GET /health'))
})

const REFUSED: [Record<string, string>, RegExp][] = [
  [{ STORE: 'memory:' }, /^cannot start: several WORKERS need a STORE that they can share: with memory:, each would have records of its own\n$/],
  [{ STORE: 'nosql://user:secret@host' }, /^cannot start: there is no store nosql:, only (?!.*secret)[^\n]*\n$/],
  [{ STORE: 'lmdb:/dev/null/folder' }, /^cannot start: cannot write to the folder [^\n]*\n$/],
  [{ HOST: '192.0.2.1' }, /^cannot start: [^\n]*EADDRNOTAVAIL[^\n]*\n$/],
  [{ WORKERS: '1025' }, /^cannot start: WORKERS must be <= 1024\n$/]
]

t.test('what keeps the workers from starting is one clear line, and exit code 1', async (t) => {
  await Promise.all(REFUSED.map(async ([settings, line]) => {
    const { output, exited, closed } = startWorkers(t, 2, settings, settings.STORE === 'memory:' ? startCounted : start)
    t.same(await exited, [1, null], JSON.stringify(settings))
    await closed
    t.match(output.err, line)
    t.equal(output.out, '')
  }))
})

t.test('so is a port in use', async (t) => {
  const port = await occupyPort(t)
  const { output, exited } = startWorkers(t, 2, { PORT: String(port) }, startCounted)
  t.same(await exited, [1, null])
  t.match(output.err, new RegExp(`^cannot start: [^\\n]*EADDRINUSE[^\\n]* 127\\.0\\.0\\.1:${port}\\n$`))
})

t.test('and a worker that dies before it listens', async (t) => {
  const { program, output, exited } = startWorkers(t, 3)
  const [victim = 0] = await children(program, 3)
  process.kill(victim, 'SIGKILL')
  t.same(await exited, [1, null])
  t.equal(output.err, 'cannot start: it ended with SIGKILL\n')
  t.equal(output.out, '')
})
