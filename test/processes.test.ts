import t from 'tap'
import { createConnection, type Answer } from '../torture/connection.js'
import { buildProgram } from '../torture/program.js'
import { LANGUAGE } from './build.js'
import { newFolder } from './lmdb.js'

const LIST = '/programming_languages'
const PROCESSES = 4
const CONNECTIONS = 200
const CREATES = 10_000
const WRITES = 1000
const LEVELS = 5

t.test('four processes share one folder', async (t) => {
  const program = buildProgram()
  const store = `lmdb:${newFolder()}`
  const servers = await Promise.all(Array.from({ length: PROCESSES }, () => program.start(store)))
  t.teardown(() => Promise.all(servers.map((server) => server.kill())))
  const connections = Array.from({ length: CONNECTIONS }, (_, i) => createConnection(servers[i % PROCESSES]?.address ?? ''))
  t.teardown(() => connections.forEach((connection) => connection.close()))

  t.test(`of ${WRITES} conditional writes at the same time, one wins`, async (t) => {
    for (let level = 0; level < LEVELS; level++) {
      const { headers: { etag } } = await send(level, { method: 'GET', path: `${LIST}/0` })
      const answers = await all(WRITES, (i) => send(i, {
        method: 'PUT', path: `${LIST}/0`, headers: { 'if-match': String(etag) }, body: { ...LANGUAGE, name: `level ${level}, writer ${i}` }
      }))
      t.same(countBy(answers), new Map([[200, 1], [412, WRITES - 1]]), `level ${level}`)
      const winner = answers.find(({ status }) => status === 200)?.text
      const seen = await all(PROCESSES, (i) => send(i, { method: 'GET', path: `${LIST}/0` }))
      t.same(new Set(seen.map(({ text }) => text)), new Set([winner]), 'and every process sees it')
    }
  })

  t.test(`${CREATES} creates, and no id is given twice`, async (t) => {
    const answers = await all(CREATES, (i) => send(i, { method: 'POST', path: LIST, body: { ...LANGUAGE, name: `language ${i}` } }))
    t.same(countBy(answers), new Map([[201, CREATES]]))
    const ids = answers.map(({ text }) => JSON.parse(text).id).sort((a, b) => a - b)
    t.same(ids, Array.from({ length: CREATES }, (_, i) => 8 + i))
    for (const [i, { headers, text }] of answers.entries()) {
      const found = i % 100 === 0 ? await send(i + 1, { method: 'GET', path: String(headers.location) }) : undefined
      if (found !== undefined) t.equal(found.text, text)
    }
  })

  async function send (i: number, request: Parameters<typeof connections[number]['send']>[0]): Promise<Answer> {
    const connection = connections[i % CONNECTIONS]
    return await (connection?.send(request) ?? Promise.reject(new Error('there is no connection')))
  }
})

/** Sends so many requests at the same time, as far as there are connections. */
async function all (count: number, send: (i: number) => Promise<Answer>): Promise<Answer[]> {
  return await Promise.all(Array.from({ length: count }, (_, i) => send(i)))
}

function countBy (answers: readonly Answer[]): Map<number, number> {
  const counts = new Map<number, number>()
  for (const { status } of answers) counts.set(status, (counts.get(status) ?? 0) + 1)
  return new Map([...counts].sort(([a], [b]) => a - b))
}
