import { createRandom, type Random } from '../random.js'
import { createBreaks } from './breaks.js'
import type { Document } from './document.js'
import type { Findings } from './findings.js'
import { createJudge } from './judge.js'
import { createRequests, type Draft, type Place } from './requests.js'
import { createValues } from './values.js'
import { openWire, type Answer, type Wire } from './wire.js'

/** How many connections send at once. */
export const CONNECTIONS = 8

/** How many records a client keeps, before it deletes the oldest. */
const MOST_PLACES = 5

/** How many entity-tags a client remembers with their content. */
const MOST_TAGS = 1000

/** Sends so many requests that a document describes, or nearly does, and holds each answer against it. Gives how many answers had each status. */
export async function sendGenerated (address: string, document: Document, count: number, seed: readonly number[], findings: Findings): Promise<ReadonlyMap<number, number>> {
  const statuses = new Map<number, number>()
  await Promise.all(Array.from({ length: CONNECTIONS }, async (_, i) => {
    const client = createClient(address, document, createRandom(...seed, i), `${seed.join('-')}-${i}`, findings)
    for (let sent = i; sent < count; sent += CONNECTIONS) {
      const status = await client.step()
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
    }
    client.close()
  }))
  return statuses
}

/** A client with a connection, which sends one request after another. */
function createClient (address: string, document: Document, random: Random, name: string, findings: Findings) {
  const judge = createJudge(document)
  const values = createValues(document, random)
  const requests = createRequests(document, values, random)
  const spoil = createBreaks(document, values, random)
  const places: Place[] = []
  const tags = new Map<string, string>()
  const nexts: string[] = []
  const removal = document.operations.find(({ method }) => method === 'DELETE')
  let wire: Wire | undefined
  let count = 0
  return { step, close: () => wire?.close() }

  /** Sends one request more, and gives the status of its answer; 0 where there is none. */
  async function step (): Promise<number> {
    const seen = { places, tags: [...tags.keys()], nexts }
    const [oldest] = places
    const draft = places.length > MOST_PLACES && removal !== undefined ? requests.makeFor(removal, seen, oldest) : requests.make(seen)
    const breaks = random.pick([0, 0, 0, 1, 1, 2])
    if (places.length <= MOST_PLACES) for (let i = 0; i < breaks; i++) spoil(draft)
    const { path } = draft.operation ?? {}
    const given = draft.fields.filter(([name]) => name.toLowerCase() === 'x-request-id')
    // The first, because what comes behind too many is not read.
    if (given.length === 0) draft.fields.unshift(['X-Request-Id', `${name}-${count++}`])
    // The keys of one client are no other's.
    draft.fields.unshift(['Authorization', name])
    const id = given.length === 0 ? `${name}-${count - 1}` : undefined
    const bytes = toBytes(draft)
    const answer = await send(draft.method, bytes)
    if (answer === undefined) return findings.add('there is no whole answer', bytes) ?? 0
    const faults = judge.judge(answer, { method: draft.method, operation: draft.operation, id, methods: methodsAt(draft) })
    for (const fault of [...faults, ...refusalFaults(draft, answer), ...contentFaults(draft, answer)]) findings.add(`${draft.breaks.join(' and ') || 'nothing wrong'}: ${fault}`, bytes, answer)
    note(path ?? '', draft, answer)
    const isKeyed = answer.status < 300 && ['POST', 'PATCH'].includes(draft.method) && draft.fields.some(([name]) => name === 'Idempotency-Key')
    if (isKeyed && random.chance(0.3)) await replay(draft, bytes, answer)
    return answer.status
  }

  async function send (method: string, bytes: Buffer): Promise<Answer | undefined> {
    wire ??= await openWire(address)
    wire.write(bytes)
    const outcome = await wire.read(method).catch((error: unknown) => { findings.add(String(error), bytes) })
    const isAnswer = typeof outcome === 'object'
    if (!isAnswer || outcome.fields.get('connection') === 'close') {
      if (isAnswer && await wire.read(method) !== 'ended') findings.add('the connection goes on after its last answer', bytes, outcome)
      wire.close()
      wire = undefined
    }
    return isAnswer ? outcome : undefined
  }

  /** The same request with the same key has the same answer. */
  async function replay (draft: Draft, bytes: Buffer, first: Answer): Promise<void> {
    const again = await send(draft.method, bytes)
    const isSame = again?.status === first.status && again.content.equals(first.content) && again.fields.get('etag') === first.fields.get('etag')
    if (!isSame || again.fields.get('idempotency-replayed') !== 'true') findings.add('a replay has another answer', bytes, again)
  }

  /** The methods that a path takes, where it is one of the document. */
  function methodsAt (draft: Draft): readonly string[] {
    const operation = document.operations.find(({ path }) => toPattern(path).test(draft.path))
    return operation === undefined ? [] : document.methodsOf(operation.path)
  }

  /** Says whether a request was refused that was valid, or taken though it was not. */
  function refusalFaults ({ breaks, refusals, isDoubtful, fields }: Draft, { status }: Answer): string[] {
    if (status === 304 && !fields.some(([name]) => name.toLowerCase() === 'if-none-match')) return ['it is 304 without If-None-Match']
    if (status < 400) return breaks.length === 0 || isDoubtful ? [] : ['it was taken']
    return refusals.has(status) || status >= 500 ? [] : [`it is ${status}, and may be ${[...refusals].join()}`]
  }

  /** What was taken comes back as it was sent; and one entity-tag names one content. */
  function contentFaults ({ method, operation, value, breaks, fields }: Draft, answer: Answer): string[] {
    if (answer.status > 201 || method === 'HEAD' || operation === undefined || answer.content.length === 0) return []
    const faults: string[] = []
    const [tag, text] = [answer.fields.get('etag'), answer.content.toString('latin1')]
    if (tag !== undefined && (tags.get(tag) ?? text) !== text) faults.push('its tag was one of another content')
    if (tag !== undefined) tags.set(tag, text)
    if (tags.size > MOST_TAGS) tags.clear()
    const found: Record<string, unknown> = Object(judge.read(answer))
    const isReplay = fields.some(([name]) => name === 'Idempotency-Key')
    if (operation.requestBody !== undefined && breaks.length === 0 && !isReplay && typeof value === 'object' && !Array.isArray(value)) {
      for (const [name, sent] of Object.entries(Object(value))) {
        if (sent !== null && !(operation.method === 'PATCH' && typeof sent === 'object') && !isSame(sent, found[name])) faults.push(`${name} comes back as ${JSON.stringify(found[name])}`)
      }
    }
    return faults
  }

  /** Remembers what the answer tells of: a new record, a page that follows. */
  function note (path: string, { method, path: asked }: Draft, answer: Answer): void {
    const { status, fields } = answer
    const { next } = Object(method === 'GET' && status === 200 ? judge.read(answer) : {})
    if (typeof next === 'string') nexts.splice(0, nexts.length > 4 ? 1 : 0, next)
    const location = status === 201 ? fields.get('location') ?? fields.get('content-location') : undefined
    const template = removal?.path ?? ''
    if (location !== undefined) places.push(placeAt(template, location))
    if (path === template && (status === 404 || (method === 'DELETE' && status === 204))) {
      const gone = JSON.stringify(placeAt(template, asked))
      places.splice(0, places.length, ...places.filter((place) => JSON.stringify(place) !== gone))
    }
  }
}

const toPattern = (template: string): RegExp => new RegExp(`^${template.replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`)

/** The parameters that a path has for a template. */
function placeAt (template: string, path: string): Place {
  const groups = toPattern(template).exec(path)?.groups ?? {}
  return Object.fromEntries(Object.entries(groups).map(([name, text]) => [name, decodeURIComponent(text)]))
}

/** Whether two JSON values are the same, but for the order of members and the spelling of times and UUIDs. */
function isSame (a: unknown, b: unknown): boolean {
  if (typeof a === 'string' && typeof b === 'string') return a === b || (/^[\da-f-]{36}$/i.test(a) && a.toLowerCase() === b) || (/^\d{4}-\d\d-\d\dT/.test(a) && Date.parse(a) === Date.parse(b))
  if (typeof a !== 'object' || a === null || typeof b !== 'object' || b === null) return JSON.stringify(a) === JSON.stringify(b)
  const [names, others] = [Object.keys(a), Object.keys(b)]
  return Array.isArray(a) === Array.isArray(b) && names.length === others.length && names.every((name) => Object.hasOwn(b, name) && isSame(memberOf(a, name), memberOf(b, name)))
}

const memberOf = (value: object, name: string): unknown => Object.getOwnPropertyDescriptor(value, name)?.value

/** A draft as the bytes of a request. Its content comes in one piece, or in chunks. */
export function toBytes ({ method, path, query, fields, content }: Pick<Draft, 'method' | 'path' | 'query' | 'fields' | 'content'>): Buffer {
  const target = query.length === 0 ? path : `${path}?${query.join('&')}`
  const isChunked = content !== undefined && content.length % 5 === 0 && content.length > 0
  const framing: [string, string][] = content === undefined ? [] : isChunked ? [['Transfer-Encoding', 'chunked']] : [['Content-Length', String(content.length)]]
  const head = Buffer.from(`${method} ${target} HTTP/1.1\r\nHost: x\r\n${[...framing, ...fields].map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`, 'latin1')
  if (content === undefined) return head
  return Buffer.concat(isChunked ? [head, ...chunksOf(content)] : [head, content])
}

function chunksOf (content: Buffer): Buffer[] {
  const half = Math.ceil(content.length / 2)
  return [...[content.subarray(0, half), content.subarray(half)].filter(({ length }) => length > 0).flatMap((part) => [Buffer.from(`${part.length.toString(16)};x=y\r\n`), part, Buffer.from('\r\n')]), Buffer.from('0\r\n\r\n')]
}
