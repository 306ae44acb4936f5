import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { openWire, requestText, type RawAnswer, type Wire } from '../../torture/attack/wire.js'
import { LIST, pathOf } from '../../torture/languages.js'
import { buildProgram, type Server } from '../../torture/program.js'
import { newFolder } from '../lmdb.js'

// Told to end under full load, the program answers all that it has accepted, and nothing is there but what it said is.
//
// A request is accepted where the server has taken its connection, and no answer before it there was the last: said `Connection: close`, or
// had the end of the connection behind it (RFC 9112, sections 9.5 and 9.6): so a client looks before it sends. What was pipelined behind the
// last answer is to be sent again, and must not have been done. So must not what was sent on a connection that the server never took from the
// system, which resets it.

const ROUNDS = 20

/** For how many milliseconds there is load before the signal, at least; and for how many more, at most. */
const LOAD = 400
const MORE_LOAD = 400

/** How many milliseconds the end may take: less than the ten seconds after which what is under way would be cut off. */
const MOST = 9000

/** So many languages, with text of so many bytes, make a page that fills all buffers of the system. */
const LONG = { records: 1000, text: '😀'.repeat(2000) }
const LONG_PAGE = requestText('GET', `${LIST}?limit=${LONG.records}`)

/** For how many milliseconds some clients take nothing of such a page: now and then beyond the time in which the server waits for idle clients. */
const SHORT_REST = 300
const LONG_REST = 2500

const program = buildProgram()

for (const [name, workers] of [['one process', 1], ['two workers', 2]] as const) {
  t.test(`SIGTERM under full load, ${ROUNDS} times, to ${name}`, async (t) => {
    const url = `lmdb:${newFolder()}`
    const created = new Map<string, string>()
    const start = () => program.start(url, { settings: { WORKERS: String(workers) } })
    let server = await start()
    await fill(server, created)
    for (let round = 0; round < ROUNDS; round++) {
      await endUnderLoad(t, server, round, created)
      server = await start()
      t.strictSame(differences(created, await readAll(server)), [], `round ${round}: what is there is what was acknowledged`)
    }
    await server.kill()
  })
}

/** What the clients of a round have in common. */
interface Round {
  readonly address: string
  readonly number: number
  /** All that were acknowledged, in all rounds: their texts by their paths. */
  readonly created: Map<string, string>
  answers: number
  untaken: number
  readonly faults: string[]
}

/** Has clients of each kind use a server, and tells it to end meanwhile. */
async function endUnderLoad (t: Test, server: Server, number: number, created: Map<string, string>): Promise<void> {
  const round: Round = { address: server.address, number, created, answers: 0, untaken: 0, faults: [] }
  const clients = KINDS.flatMap(([count, use]) => Array.from({ length: count }, (_, client) => use(round, `${use.name} ${client}`)))
  await pause(LOAD + MORE_LOAD * Math.random())
  const begin = performance.now()
  server.child.kill('SIGTERM')
  const [code] = await Promise.all([Promise.race([server.ended, pause(MOST, 'still running', { ref: false })]), ...clients])
  const took = performance.now() - begin
  t.comment(`round ${number}: ${round.answers} answers, ${round.untaken} connections not taken, ended after ${took.toFixed(0)} ms`)
  t.strictSame(round.faults, [], `round ${number}: each request that was accepted has its answer`)
  t.equal(code, 0)
  t.match(server.output(), /"msg":"closed"/)
  await server.kill()
}

/** The clients of a round: how many there are of each kind, and what each does until the server says that it is the end. */
const KINDS: readonly (readonly [count: number, use: (round: Round, name: string) => Promise<void>])[] = [
  [60, readAndCreate], [8, thinkBetween], [8, sendBodySlowly], [6, pipeline], [3, readLongPages], [4, comeAnew]
]

/** Sends one request after the other, without a pause. */
async function readAndCreate (round: Round, name: string): Promise<void> {
  await turns(round, async (wire, turn) => {
    if (turn % 4 === 0) return await create(round, wire, `${name} ${turn}`)
    return await ask(round, wire, requestText('GET', turn % 4 === 1 ? `${LIST}?sort=-id&limit=20` : pathOf(turn % 8)))
  })
}

/** Rests between two requests, for less than the server waits for those who do. */
async function thinkBetween (round: Round, name: string): Promise<void> {
  await turns(round, async (wire, turn) => {
    const answer = await create(round, wire, `${name} ${turn}`)
    await pause(100 * Math.random())
    return answer
  })
}

async function sendBodySlowly (round: Round, name: string): Promise<void> {
  await turns(round, async (wire, turn) => await create(round, wire, `${name} ${turn}`, 400 * Math.random()))
}

/** Sends some requests at once. Behind the last answer, none is done. */
async function pipeline (round: Round, name: string): Promise<void> {
  await turns(round, async (wire, turn) => {
    const requests = Array.from({ length: 4 }, (_, i) => i % 2 === 0 ? requestText('GET', pathOf(i)) : creation(round, `${name} ${turn} ${i}`))
    wire.write(requests.join(''))
    let answer
    for (const request of requests) {
      answer = await receive(round, wire, request)
      if (isLast(answer)) break
    }
    return answer
  })
}

/** Reads long pages, and takes nothing of each for a while. */
async function readLongPages (round: Round, name: string): Promise<void> {
  await eachAnew(round, name, () => LONG_PAGE, round.number % 5 === 0 ? LONG_REST : SHORT_REST)
}

async function comeAnew (round: Round, name: string): Promise<void> {
  await eachAnew(round, name, (turn) => creation(round, `${name} ${turn}`))
}

/**
 * Sends each request on a new connection, until one is not taken: refused, or reset because it came in the instant in which the server stopped
 * listening.
 */
async function eachAnew (round: Round, name: string, requestOf: (turn: number) => string, rest = 0): Promise<void> {
  for (let turn = 0; ; turn++) {
    const wire = await openWire(round.address).catch(() => undefined)
    const request = requestOf(turn)
    wire?.write(request)
    if (rest > 0) await wire?.rest(rest)
    const answer = await wire?.read()
    wire?.close()
    const isTaken = wire !== undefined && !(answer === undefined && wire.fate() === 'was reset')
    if (isTaken) note(round, wire, request, answer)
    if (answer !== undefined) continue
    if (!isTaken && await canConnect(round)) round.faults.push(`${name} was not taken while the server listened`)
    if (!isTaken && wire !== undefined) round.untaken++
    return
  }
}

async function canConnect ({ address }: Round): Promise<boolean> {
  const wire = await openWire(address).catch(() => undefined)
  wire?.close()
  return wire !== undefined
}

/** Takes turns on a connection until an answer is the last on it. */
async function turns (round: Round, take: (wire: Wire, turn: number) => Promise<RawAnswer | undefined>): Promise<void> {
  const wire = await openWire(round.address)
  for (let turn = 0; !wire.isClosed(); turn++) {
    if (isLast(await take(wire, turn))) break
    await lookAround()
  }
  wire.close()
}

/** Lets the process see all that has come to it until now, however busy it is: it looks once in each turn of the event loop. */
async function lookAround (): Promise<void> {
  await nextTurn()
  await nextTurn()
}

const isLast = (answer: RawAnswer | undefined): boolean => answer === undefined || answer.headers.connection === 'close'

async function ask (round: Round, wire: Wire, request: string): Promise<RawAnswer | undefined> {
  wire.write(request)
  return await receive(round, wire, request)
}

async function create (round: Round, wire: Wire, name: string, slowly = 0): Promise<RawAnswer | undefined> {
  const request = creation(round, name)
  if (slowly === 0) return await ask(round, wire, request)
  wire.write(request.slice(0, -20))
  await pause(slowly)
  wire.write(request.slice(-20))
  return await receive(round, wire, request)
}

const creation = ({ number }: Pick<Round, 'number'>, name: string, contribution = 'it was there') =>
  requestText('POST', LIST, [], JSON.stringify({ name: `round ${number}, ${name}`, publication_year: 2000, contribution }))

async function receive (round: Round, wire: Wire, request: string): Promise<RawAnswer | undefined> {
  const answer = await wire.read()
  note(round, wire, request, answer)
  return answer
}

function note (round: Round, wire: Wire, request: string, answer: RawAnswer | undefined): void {
  const what = request.replace(/\r\n[^]*\r\n/, ' ').slice(0, 200)
  if (answer === undefined) {
    round.faults.push(`${what}: the connection ${wire.fate()}`)
    return
  }
  round.answers++
  if (answer.status === 201) round.created.set(String(answer.headers.location), answer.text)
  else if (answer.status !== 200) round.faults.push(`${what}: ${answer.status} ${answer.text}`)
}

/** Creates the long languages. */
async function fill ({ address }: Server, created: Map<string, string>): Promise<void> {
  const wire = await openWire(address)
  for (let i = 0; i < LONG.records; i++) {
    wire.write(creation({ number: -1 }, String(i), LONG.text))
    const answer = await wire.read()
    created.set(String(answer?.headers.location), String(answer?.text))
  }
  wire.close()
}

/** All languages but the first, as they are there: their texts by their paths. */
async function readAll ({ address }: Server): Promise<Map<string, string>> {
  const wire = await openWire(address)
  const found = new Map<string, string>()
  for (let next: string | undefined = `${LIST}?limit=1000`; next !== undefined;) {
    wire.write(requestText('GET', next))
    const page: { programming_languages: { id: number }[], next?: string } = JSON.parse((await wire.read())?.text ?? '')
    for (const language of page.programming_languages) if (language.id >= 8) found.set(pathOf(language.id), JSON.stringify(language))
    next = page.next
  }
  wire.close()
  return found
}

/** Names what is in one but not in the other, or otherwise. */
function differences (created: ReadonlyMap<string, string>, found: ReadonlyMap<string, string>): string[] {
  const lost = [...created].filter(([path, text]) => found.get(path) !== text).map(([path, text]) => `${path} is ${found.get(path)}, not ${text}`)
  const more = [...found].filter(([path]) => !created.has(path)).map(([path, text]) => `nobody was told of ${path}: ${text}`)
  return [...lost, ...more]
}
