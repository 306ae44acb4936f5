import { setTimeout as pause } from 'node:timers/promises'
import { createConnection, type Answer, type Connection, type Request } from '../connection.js'
import { LIST, makeFields, pathOf } from '../languages.js'
import { withId } from '../resource.js'
import { newReport, type Invitation, type Word } from './report.js'
import { watchWaiting, type Waiting } from './waiting.js'

// A client who behaves well, in a process of its own, so that what it waits for is the server and nothing else. Told an
// address, it reads and writes there, and compares; told to end, it says how it fared.

/** How many connections it has, and for how many milliseconds each rests between requests. */
const LANES = 3
const REST = 5

/** After so many milliseconds, one that was told to come again does; sooner than it was told, so that it sees more. */
const RETRY = 100

process.on('message', ({ address, pid = 0, lists = true }: Invitation) => {
  if (address === undefined) leave()
  else begin(address, pid, lists).then(() => say({ report }), (error: unknown) => say({ report, failure: String(error) }))
})
process.on('disconnect', () => process.exit())

let end = new AbortController()
let lanes: Promise<void>[] = []
let report = newReport()
let server: Waiting | undefined
const own = watchWaiting(process.pid)

async function begin (address: string, pid: number, lists: boolean): Promise<void> {
  end = new AbortController()
  report = newReport()
  server = watchWaiting(pid)
  const owned = await Promise.all(Array.from({ length: LANES }, (_, lane) => create(address, lane)))
  lanes = owned.map((one) => work(one, lists ? LIST_TOO : WITHOUT_LISTS))
}

async function leave (): Promise<void> {
  end.abort()
  await Promise.all(lanes)
  server?.close()
  say({ report })
}

/** A language that nobody else writes to. */
interface Owned {
  readonly connection: Connection
  readonly id: number
  readonly name: string
  text: string
}

async function create (address: string, lane: number): Promise<Owned> {
  const connection = createConnection(address)
  const name = `the bystander's ${lane}`
  const { status, text } = await connection.send({ method: 'POST', path: LIST, body: makeFields(name, 0, 'bystander') })
  if (status !== 201) throw new Error(`the bystander cannot begin: ${status} ${text}`)
  return { connection, id: JSON.parse(text).id, name, text }
}

async function work (owned: Owned, steps: readonly Step[]): Promise<void> {
  const { signal } = end
  for (let turn = 1; !signal.aborted; turn++) {
    await steps[turn % steps.length]?.(owned, turn)
    await pause(REST)
  }
  // What is there in the end.
  await read(owned)
  owned.connection.close()
}

type Step = (owned: Owned, turn: number) => Promise<unknown>

async function write (owned: Owned, turn: number): Promise<void> {
  const fields = makeFields(owned.name, turn, 'bystander')
  const text = withId(owned.id, JSON.stringify(fields))
  if (await expect(owned, { method: 'PUT', path: pathOf(owned.id), body: fields }, text)) owned.text = text
}

async function read (owned: Owned): Promise<void> {
  await expect(owned, { method: 'GET', path: pathOf(owned.id) }, owned.text)
}

const list: Step = (owned) => expect(owned, { method: 'GET', path: `${LIST}?limit=10` })
const health: Step = (owned) => expect(owned, { method: 'GET', path: '/health' }, '{"status":"ok"}')

const WITHOUT_LISTS: readonly Step[] = [write, health, read]
const LIST_TOO: readonly Step[] = [...WITHOUT_LISTS, list]

/** Sends a request that must succeed, with this text where one is given. Says whether it did. */
async function expect ({ connection }: Owned, request: Request, text?: string): Promise<boolean> {
  const begin = timeOfItsOwn()
  const answer = await connection.send(request).catch((error: unknown) => String(error))
  const took = timeOfItsOwn() - begin
  const what = `${request.method} ${request.path}`
  report.answers++
  if (took > report.slowest.took) report.slowest = { took, what }
  if (typeof answer === 'string') return fault(`${what} has no answer: ${answer}`)
  if (isBusy(answer)) {
    report.busy++
    await pause(RETRY)
    return false
  }
  if (answer.status !== 200) return fault(`${what} is ${answer.status}: ${answer.text}`)
  return text === undefined || answer.text === text || fault(`${what} gives ${answer.text}, not ${text}`)
}

/** A clock that stands while it, or the server, waits for a processor. */
const timeOfItsOwn = (): number => performance.now() - own.soFar() - (server?.soFar() ?? 0)

const isBusy = ({ status, headers }: Answer): boolean => status === 503 && headers['retry-after'] !== undefined

function fault (what: string): false {
  report.faults.push(what)
  return false
}

function say (word: Word): void {
  process.send?.(word)
}
