import { createConnection, type Answer, type Connection, type Request } from './connection.js'
import { must } from './disagreement.js'
import type { History, State } from './history.js'
import { withId, type Attempt, type Knowledge } from './knowledge.js'
import { LIST, SEEDED, isOf, languageOf, makeFields, pathOf } from './languages.js'
import type { Random } from './random.js'

/** Writes languages of its own, and those that all clients share. */
export interface Client {
  /** Sends one request after the other, until one is not answered. */
  work (address: string, random: Random): Promise<void>
}

/** The most languages that a client has at a time. */
const MOST_OWNED = 6

/** The answer did not come, or says that nobody knows: the write may be there or not. */
class Unanswered extends Error {}

export function createClient (name: string, knowledge: Knowledge): Client {
  /** How many languages it has tried to create. */
  let created = 0
  let owned: [number, History][] = []

  return {
    async work (address, random) {
      const connection = createConnection(address)
      owned = [...knowledge.histories].filter(([, { known }]) => isOf(name, known.text))
      try {
        for (;;) await step(connection, random)
      } catch (error) {
        if (!(error instanceof Unanswered)) throw error
      } finally {
        connection.close()
      }
    }
  }

  async function step (connection: Connection, random: Random): Promise<void> {
    const [id, history] = owned[random.below(owned.length)] ?? []
    if (id === undefined || history === undefined) return await create(connection)
    const write = random.pick(WRITES)
    if (write === 'contend') await contend(connection, random.below(SEEDED))
    else if (write === 'create' && owned.length < MOST_OWNED) await create(connection)
    else if (write === 'create' || write === 'remove') await remove(connection, id, history, random)
    else if (write === 'replace') await replace(connection, id, history, random)
    else await merge(connection, id, history)
  }

  async function create (connection: Connection): Promise<void> {
    created++
    const language = `${name}-${created}`
    const fields = makeFields(language, 0, name)
    const state = { version: 0, text: JSON.stringify(fields) }
    const attempt = begin({ method: 'POST', path: LIST, body: fields, headers: { 'idempotency-key': `create-${language}` } }, state)
    const answer = await send(connection, attempt.request)
    expect(answer, 201)
    const { id } = JSON.parse(answer.text)
    const made = { version: 0, text: withId(id, state.text) }
    expectText(answer, made)
    owned.push([id, knowledge.give(id, made)])
    Object.assign(attempt, { id, answer })
  }

  async function replace (connection: Connection, id: number, history: History, random: Random): Promise<void> {
    const state = next(id, history)
    history.begin(state)
    const headers: Record<string, string> = random.chance(0.5) ? { 'if-match': knowledge.tagOf(history.known.text) } : {}
    const answer = await send(connection, { method: 'PUT', path: pathOf(id), body: JSON.parse(state.text), headers })
    expect(answer, 200)
    expectText(answer, state)
    history.learn(state)
  }

  /** Changes all but the name, and so makes it certain that what was there before is looked at. */
  async function merge (connection: Connection, id: number, history: History): Promise<void> {
    const { version, text } = next(id, history)
    const { name: _, ...patch } = JSON.parse(text)
    const state = { version, text: JSON.stringify({ ...JSON.parse(history.known.text), ...patch }) }
    history.begin(state)
    const key = `merge-${id}-${version}`
    const attempt = begin({ method: 'PATCH', path: pathOf(id), body: patch, headers: { 'idempotency-key': key } }, state, id)
    const answer = await send(connection, attempt.request)
    expect(answer, 200)
    expectText(answer, state)
    history.learn(state)
    attempt.answer = answer
  }

  async function remove (connection: Connection, id: number, history: History, random: Random): Promise<void> {
    const state = { version: history.known.version + 1, text: '' }
    history.begin(state)
    const headers: Record<string, string> = random.chance(0.5) ? { 'if-match': knowledge.tagOf(history.known.text) } : {}
    expect(await send(connection, { method: 'DELETE', path: pathOf(id), headers }), 204)
    history.learn(state)
    owned = owned.filter(([other]) => other !== id)
  }

  /** Writes a shared language if nobody else does meanwhile. */
  async function contend (connection: Connection, id: number): Promise<void> {
    const history = knowledge.histories.get(id)
    must(history !== undefined, () => `there is no shared language ${id}`)
    const read = await send(connection, { method: 'GET', path: pathOf(id) })
    expect(read, 200)
    const current = history.find(read.text)
    history.learn(current)
    const state = { version: current.version + 1, text: textOf(id, `shared-${id}`, current.version + 1) }
    history.begin(state)
    const answer = await send(connection, { method: 'PUT', path: pathOf(id), body: JSON.parse(state.text), headers: { 'if-match': String(read.headers.etag) } })
    if (answer.status === 412) return history.refuse(state)
    expect(answer, 200)
    expectText(answer, state)
    history.learn(state)
  }

  /** What the next write makes of a language of one's own. */
  function next (id: number, { known }: History): State {
    const { name: current } = JSON.parse(known.text)
    return { version: known.version + 1, text: textOf(id, languageOf(current), known.version + 1) }
  }

  function textOf (id: number, language: string, version: number): string {
    return withId(id, JSON.stringify(makeFields(language, version, name)))
  }

  function begin (request: Request, state: State, id?: number): Attempt {
    const attempt = { request, state, id, answer: undefined }
    knowledge.remember(attempt)
    return attempt
  }

  async function send (connection: Connection, request: Request): Promise<Answer> {
    const answer = await connection.send(request).catch((cause: unknown) => { throw new Unanswered('no answer', { cause }) })
    if (answer.status === 503) throw new Unanswered(answer.text)
    knowledge.answers++
    if (answer.status < 300 && answer.text !== '') knowledge.checkTag(answer.headers.etag, answer.text)
    return answer
  }
}

/** The more often a write is named, the more often it is chosen. */
const WRITES = ['create', 'create', 'replace', 'merge', 'merge', 'contend', 'remove'] as const

function expect ({ status, text }: Answer, expected: number): void {
  must(status === expected, () => `the answer is ${status}, not ${expected}: ${text}`)
}

function expectText ({ text }: Answer, state: State): void {
  must(text === state.text, () => `the answer is ${text}, not ${state.text}`)
}
