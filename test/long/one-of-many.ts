import { setTimeout as pause } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { createConnection, type Answer, type Connection, type Request } from '../../torture/connection.js'
import { buildProgram } from '../../torture/program.js'
import { newFolder } from '../lmdb.js'
import { openDatabases } from '../postgres.js'

// Of many clients who want the same at the same time, one gets it, and each of the others is told so: on every store, however many processes serve it.

const CLIENTS = 1000
const LIST = '/things'
const LEAST = { shelf: 'é/1', place: 1, label: 'x', count: 0, rank: null, at: null, note: null }
const PATH = `${LIST}/${encodeURIComponent(LEAST.shelf)}/1`

const PROGRAM = 'torture/things-program'

const program = buildProgram(PROGRAM)
const { fresh } = await openDatabases(t)

/** How many processes serve a store: so many servers, each of so many workers. */
const SITES: readonly [name: string, newStore: () => string | Promise<string>, servers: number, workers: number][] = [
  ['one server with its records in memory', () => 'memory:', 1, 1],
  ['two servers on one folder of LMDB', () => `lmdb:${newFolder()}`, 2, 1],
  ['four workers on one folder of LMDB', () => `lmdb:${newFolder()}`, 1, 4],
  ['two servers on one database of PostgreSQL', fresh, 2, 1],
  ['four workers on one database of PostgreSQL', fresh, 1, 4]
]

for (const [name, newStore, servers, workers] of SITES) {
  for (const resource of ['things', 'uuid-things']) {
    t.test(`${name}: of ${CLIENTS} ${resource} at the same time, one is there`, async (t) => {
      const connections = await connect(t, await newStore(), resource, servers, workers)
      if (resource === 'things') {
        await testKey(t, connections)
        await testPut(t, connections)
      }
      await testUnique(t, connections)
    })
  }
}

/** All clients create what has the same key. */
async function testKey (t: Test, connections: readonly Connection[]): Promise<void> {
  const answers = await all(connections, (i) => ({ method: 'POST', path: LIST, body: { ...LEAST, label: `of client ${i}` } }))
  const winner = checkOne(t, answers, 409)
  t.equal(winner?.headers.location, PATH)
  const losers = answers.filter(({ status }) => status === 409)
  t.same(new Set(losers.map(({ text }) => problemOf(text))), new Set([problem('shelf', 'place')]))
  t.same(new Set(losers.map(({ headers }) => headers.location)), new Set([PATH]), 'each is told where the one is')
  await checkThere(t, connections, [winner])
  await all(connections.slice(0, 1), () => ({ method: 'DELETE', path: PATH }))
}

/** All clients put what is to be new at one path. */
async function testPut (t: Test, connections: readonly Connection[]): Promise<void> {
  const answers = await all(connections, (i) => ({ method: 'PUT', path: PATH, body: { ...LEAST, label: `of client ${i}` }, headers: { 'if-none-match': '*' } }))
  const winner = checkOne(t, answers, 412)
  t.equal(winner?.headers['content-location'], PATH)
  const losers = answers.filter(({ status }) => status === 412)
  t.same(new Set(losers.map(({ text }) => JSON.parse(text).type)), new Set(['urn:problem-type:precondition-failed']))
  await checkThere(t, connections, [winner])
  await all(connections.slice(0, 1), () => ({ method: 'DELETE', path: PATH }))
}

/** All clients create what is theirs alone, but for a value that must be unique: of one property, and of two together. */
async function testUnique (t: Test, connections: readonly Connection[]): Promise<void> {
  const code = await all(connections, (i) => ({ method: 'POST', path: LIST, body: { ...LEAST, place: i, code: 'one' } }))
  const pair = await all(connections, (i) => ({ method: 'POST', path: LIST, body: { ...LEAST, place: CLIENTS + i, day: '2001-01-01', count: 7 } }))
  for (const [answers, ...properties] of [[code, 'code'], [pair, 'day', 'count']] as const) {
    checkOne(t, answers, 409)
    const losers = answers.filter(({ status }) => status === 409)
    t.same(new Set(losers.map(({ text }) => problemOf(text))), new Set([problem(...properties)]))
    t.same(new Set(losers.map(({ headers }) => headers.location)), new Set([undefined]))
  }
  await checkThere(t, connections, [code, pair].map((answers) => answers.find(({ status }) => status === 201)))
}

/** One is 201, and the others are all told no in the same way. */
function checkOne (t: Test, answers: readonly Answer[], refusal: number): Answer | undefined {
  const counts = new Map<number, number>()
  for (const { status } of answers) counts.set(status, (counts.get(status) ?? 0) + 1)
  t.same(counts, new Map([[201, 1], [refusal, CLIENTS - 1]]))
  return answers.find(({ status }) => status === 201)
}

/** Those who won are all there is, by whichever server or worker one asks. */
async function checkThere (t: Test, connections: readonly Connection[], winners: readonly (Answer | undefined)[]): Promise<void> {
  const expected = winners.map((winner) => JSON.parse(winner?.text ?? '{}'))
  const lists = await all(connections.slice(0, 20), () => ({ method: 'GET', path: `${LIST}?total=true&sort=place` }))
  t.equal(new Set(lists.map(({ text }) => text)).size, 1)
  t.same(JSON.parse(lists[0]?.text ?? ''), { things: expected, total: expected.length })
}

const problem = (...properties: readonly string[]): string =>
  JSON.stringify(['urn:problem-type:duplicate', 409, `another record has the same ${properties.join(' and ')}`, properties.map((name) => ['body', `/${name}`])])

/** What is the same in the problems of all clients. */
function problemOf (text: string): string {
  const { type, status, detail, errors } = JSON.parse(text)
  return JSON.stringify([type, status, detail, errors.map((error: { in: string, pointer: string }) => [error.in, error.pointer])])
}

/** Connections to all servers of a new store, in turn, which are open. */
async function connect (t: Test, store: string, resource: string, servers: number, workers: number): Promise<readonly Connection[]> {
  const launch = { entry: PROGRAM, settings: { RESOURCE: resource, RECORDS: '0', WORKERS: String(workers) } }
  const started = await Promise.all(Array.from({ length: servers }, () => program.start(store, launch)))
  t.teardown(() => Promise.all(started.map((server) => server.kill())))
  const connections = Array.from({ length: CLIENTS }, (_, i) => createConnection(started[i % servers]?.address ?? '', 120_000))
  t.teardown(() => connections.forEach((connection) => connection.close()))
  await all(connections, () => ({ method: 'GET', path: `${LIST}?limit=1` }))
  return connections
}

/** Sends a request on each connection at the same time. Whoever is told to come back does so, as any client may. */
async function all (connections: readonly Connection[], requestOf: (i: number) => Request): Promise<Answer[]> {
  return await Promise.all(connections.map((connection, i) => send(connection, requestOf(i))))
}

async function send (connection: Connection, request: Request): Promise<Answer> {
  for (;;) {
    const answer = await connection.send(request)
    const { 'retry-after': wait } = answer.headers
    if (answer.status !== 503 || wait === undefined) return answer
    await pause(1000 * Number(wait) * (1 + Math.random()))
  }
}
