import { createConnection, type Answer, type Connection, type Request } from './connection.js'
import { must } from './disagreement.js'
import type { History, State } from './history.js'
import type { Attempt, Claim, Knowledge } from './knowledge.js'
import type { Random } from './random.js'
import { withId, type Fields, type Resource } from './resource.js'
import { checkRefusal } from './retries.js'

/** Writes records of its own, and those that all clients share. */
export interface Client {
  /** Sends one request after the other, until one is not answered. */
  work (address: string, random: Random): Promise<void>
  /** Cuts its connection, so that a request may not be answered though the server goes on. */
  cut (): void
}

/** The most records that a client has at a time. */
const MOST_OWNED = 6

/** In each round, so many new records, and so many values of what is unique, are there for whoever comes first; and the values of the round before, if given up. */
const RACES = 4

/** The answer did not come, or says that nobody knows: the write may be there or not. */
class Unanswered extends Error {}

export function createClient (name: string, resource: Resource, knowledge: Knowledge): Client {
  const { list, key, makeFields, toBody, nameOf, pathOf } = resource
  const hasOwnKey = key !== undefined
  /** How many names it has given, and keys. */
  let named = 0
  let keys = 0
  let owned: History[] = []
  let cut = () => {}

  return {
    async work (address, random) {
      const connection = createConnection(address)
      cut = connection.close
      owned = [...knowledge.histories.values()].filter((history) => history.name.startsWith(`${name}-`) && (hasOwnKey || history.known.text !== ''))
      try {
        for (;;) await step(connection, random)
      } catch (error) {
        if (!(error instanceof Unanswered)) throw error
      } finally {
        connection.close()
      }
    },

    cut: () => cut()
  }

  async function step (connection: Connection, random: Random): Promise<void> {
    const write = random.pick(WRITES)
    const history = owned[random.below(owned.length)]
    const claim = write === 'claim' ? chooseClaim(random) : undefined
    if (write === 'contend') return await contend(connection, random)
    const isNew = (write === 'create' || write === 'claim') && owned.length < MOST_OWNED
    if (history === undefined || isNew) return await create(connection, undefined, random, claim)
    if (history.known.text === '') return await create(connection, history, random, claim)
    if (write === 'double' && key !== undefined) return await double(connection, history, key, random)
    if (write === 'replace' || write === 'double') return await replace(connection, history, random)
    if (write === 'merge') return await merge(connection, history)
    await remove(connection, history, random)
  }

  /** Creates a record, or one at a path of its own choice again that is gone. */
  async function create (connection: Connection, gone: History | undefined, random: Random, claim?: Claim): Promise<void> {
    const fields = makeFields(gone?.name ?? `${name}-${++named}`, (gone?.known.version ?? -1) + 1, name)
    const history = gone ?? (hasOwnKey ? own(knowledge.meet(pathOf(fields), nameOf(fields))) : undefined)
    const state = { version: (history?.known.version ?? -1) + 1, text: JSON.stringify({ ...fields, ...claim?.values }) }
    history?.begin(state)
    if (history !== undefined && claim === undefined && random.chance(0.5)) return await put(connection, history, state, random.chance(0.5) ? { 'if-none-match': '*' } : {}, 201)
    const attempt = begin({ method: 'POST', path: list, body: toBody(JSON.parse(state.text)), headers: nextKey() }, state, history?.path, claim)
    const wasTaken = claim !== undefined && knowledge.mayBeTaken(claim, attempt)
    const answer = await send(connection, attempt.request)
    if (answer.status === 409 && claim !== undefined) {
      checkRefusal(answer, claim.properties)
      must(wasTaken || knowledge.mayBeTaken(claim, attempt), () => `nobody has what this says is taken: ${state.text}`)
      knowledge.forget(attempt)
      return history?.withdraw(state)
    }
    expect(answer, 201)
    const record = JSON.parse(answer.text)
    const path = pathOf(record)
    const made = { ...state, text: withId(record.id, state.text) }
    expectText(answer, made)
    must(answer.headers.location === path, () => `${path} is at ${answer.headers.location}, as its create says`)
    Object.assign(attempt, { path, answer })
    if (history === undefined) own(knowledge.give(path, nameOf(record), made))
    else history.learn(made)
    // Who got what must be unique keeps it until all is compared.
    if (claim !== undefined) owned = owned.filter((other) => other.path !== path)
  }

  async function replace (connection: Connection, history: History, random: Random): Promise<void> {
    const state = next(history)
    history.begin(state)
    await put(connection, history, state, random.chance(0.5) ? { 'if-match': knowledge.tagOf(history.known.text) } : {}, 200)
  }

  async function put (connection: Connection, history: History, state: State, headers: Record<string, string>, expected: number): Promise<void> {
    const answer = await send(connection, { method: 'PUT', path: history.path, body: toBody(JSON.parse(state.text)), headers })
    expect(answer, expected)
    expectText(answer, state)
    history.learn(state)
  }

  /** Changes all but what is kept, and so makes it certain that what was there before is looked at. */
  async function merge (connection: Connection, history: History): Promise<void> {
    const { version, text } = next(history)
    const current = JSON.parse(history.known.text)
    const fields = { ...JSON.parse(text), ...Object.fromEntries(resource.kept.map((property) => [property, current[property]])) }
    const { id: _, ...patch } = difference(current, fields)
    for (const property of resource.kept) delete patch[property]
    const state = { version, text: JSON.stringify(fields) }
    history.begin(state)
    const headers = { ...nextKey(), 'content-type': 'application/merge-patch+json' }
    const attempt = begin({ method: 'PATCH', path: history.path, body: patch, headers }, state, history.path)
    const answer = await send(connection, attempt.request)
    expect(answer, 200)
    expectText(answer, state)
    history.learn(state)
    attempt.answer = answer
  }

  async function remove (connection: Connection, history: History, random: Random): Promise<void> {
    const state = { version: history.known.version + 1, text: '' }
    history.begin(state)
    const headers: Record<string, string> = random.chance(0.5) ? { 'if-match': knowledge.tagOf(history.known.text) } : {}
    expect(await send(connection, { method: 'DELETE', path: history.path, headers }), 204)
    history.learn(state)
    if (!hasOwnKey) owned = owned.filter((other) => other !== history)
  }

  /** Creates what is there, which nobody may. */
  async function double (connection: Connection, { name: other, path, known }: History, key: readonly string[], random: Random): Promise<void> {
    const body = toBody(makeFields(other, known.version + 1, name))
    if (random.chance(0.5)) expect(await send(connection, { method: 'PUT', path, body, headers: { 'if-none-match': '*' } }), 412)
    else checkRefusal(await send(connection, { method: 'POST', path: list, body, headers: nextKey() }), key, path)
  }

  /** Writes a shared record if nobody else does meanwhile, or creates one if nobody else has. */
  async function contend (connection: Connection, random: Random): Promise<void> {
    const history = chooseShared(random)
    const { known: { text: before } } = history
    const read = await send(connection, { method: 'GET', path: history.path })
    if (read.status === 404 && before === '') return await race(connection, history, random)
    expect(read, 200)
    const current = history.find(read.text)
    history.learn(current)
    const state = { version: current.version + 1, text: textOf(history, current.version + 1) }
    history.begin(state)
    const answer = await send(connection, { method: 'PUT', path: history.path, body: toBody(JSON.parse(state.text)), headers: { 'if-match': String(read.headers.etag) } })
    if (answer.status === 412) return history.refuse(state)
    expect(answer, 200)
    expectText(answer, state)
    history.learn(state)
  }

  async function race (connection: Connection, history: History, random: Random): Promise<void> {
    const state = { version: 0, text: JSON.stringify(makeFields(history.name, 0, name)) }
    const body = toBody(JSON.parse(state.text))
    const isPut = random.chance(0.5)
    history.begin(state)
    const request = isPut ? { method: 'PUT', path: history.path, headers: { 'if-none-match': '*' }, body } : { method: 'POST', path: list, body }
    const answer = await send(connection, request)
    if (answer.status === 409 && !isPut) checkRefusal(answer, key ?? [], history.path)
    else if (answer.status !== 412 || !isPut) expect(answer, 201)
    if (answer.status !== 201) return history.refuse(state)
    expectText(answer, state)
    history.learn(state)
  }

  function chooseShared (random: Random): History {
    const { shared, round } = knowledge
    if (hasOwnKey && random.chance(0.5)) {
      const raced = `race${round}-${random.below(RACES)}`
      return knowledge.meet(pathOf(makeFields(raced, 0, name)), raced)
    }
    const history = shared[random.below(shared.length)]
    must(history !== undefined, () => 'no record is shared')
    return history
  }

  function chooseClaim (random: Random): Claim | undefined {
    const properties = resource.unique[random.below(resource.unique.length)]
    const round = knowledge.round - random.below(2)
    return properties && { properties, values: resource.makeUnique(properties, round * RACES + random.below(RACES)) }
  }

  /** What the next write makes of a record of one's own. */
  function next (history: History): State {
    const version = history.known.version + 1
    return { version, text: textOf(history, version) }
  }

  function textOf ({ name: of, known }: History, version: number): string {
    return withId(JSON.parse(known.text).id, JSON.stringify(makeFields(of, version, name)))
  }

  function own (history: History): History {
    owned.push(history)
    return history
  }

  function nextKey (): Record<string, string> {
    return { 'idempotency-key': `${name}-${++keys}` }
  }

  function begin (request: Request, state: State, path?: string, claim?: Claim): Attempt {
    const attempt = { request, state, path, claim, answer: undefined }
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
const WRITES = ['create', 'create', 'replace', 'merge', 'merge', 'contend', 'contend', 'remove', 'claim', 'double'] as const

/** A merge patch (RFC 7396) that makes one of the other: all of what is to be, and null for what is not. */
function difference (current: Fields, next: Fields): Record<string, unknown> {
  const removed = Object.keys(current).filter((property) => !(property in next)).map((property) => [property, null])
  const changed = Object.entries(next).map(([property, value]) => {
    const before = current[property]
    return [property, isObject(value) ? difference(isObject(before) ? before : {}, value) : value]
  })
  return Object.fromEntries([...removed, ...changed])
}

const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value)

function expect ({ status, text }: Answer, expected: number): void {
  must(status === expected, () => `the answer is ${status}, not ${expected}: ${text}`)
}

function expectText ({ text }: Answer, state: State): void {
  must(text === state.text, () => `the answer is ${text}, not ${state.text}`)
}
