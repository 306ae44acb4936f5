import { hash } from 'node:crypto'
import { Type } from '@sinclair/typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { badRequest, HttpError } from './error.js'
import { isObject } from './json.js'
import { JSON_PATCH, mediaTypeOf } from './media-types.js'
import { tagsOf } from './preconditions.js'
import { MOST_IN_FIELDS } from '../schemas/text.js'
import { StillRunning, type Awaitable, type Entry, type Once, type Receipt } from '../stores/store.js'

// draft-ietf-httpapi-idempotency-key-header, section 2.1: a String of RFC 9651, section 3.3.3, with parameters (section 3.1.2), of which
// none means anything here. Most clients send it bare.
const CHARACTER = '[\\x20\\x21\\x23-\\x5b\\x5d-\\x7e]|\\\\["\\\\]'
const BARE = '[\\x21\\x23-\\x2b\\x2d-\\x3a\\x3c-\\x7e]'
const PARAMETER = `; *[a-z*][a-z0-9_.*-]*(?:=(?:%?"(?:${CHARACTER})*"|${BARE}+))?`

/** The field that makes a request happen once, however often it is sent. */
export const IdempotencyFields = Type.Object({
  'Idempotency-Key': Type.Optional(Type.String({
    pattern: `^(?:"(?:${CHARACTER}){1,255}"(?:${PARAMETER})*|${BARE}{1,255})$`,
    maxLength: MOST_IN_FIELDS,
    examples: ['"8e03978e-40d5-43dd-bc93-6894a57f9324"'],
    description: 'Chosen by the client, the same for each attempt at one request: what succeeds is done once, and answered the same again',
    'x-messages': { pattern: 'must be 1 to 255 ASCII characters in double quotes, or bare visible ones without quotes, commas and semicolons' }
  }))
})

/** Says whose keys the key of a request is one of: those of two scopes have nothing to do with each other. */
export type ScopeOf = (request: FastifyRequest) => string

/** The credentials that a request has, so that nobody is shown what was answered to others. */
export const scopeByCredentials: ScopeOf = ({ headers }) => headers.authorization ?? ''

/** The request as a write that happens once; undefined where it has no key. What is kept of its scope does not reveal it. */
export function onceOf (request: FastifyRequest, scopeOf: ScopeOf): Once | undefined {
  const field = request.headers['idempotency-key']
  if (typeof field !== 'string') return undefined
  // Two halves of a String, on two lines, arrive as one that nobody sent.
  if (field.includes(', ') && linesOf(request, 'idempotency-key') > 1) throw badRequest([{ in: 'header', parameter: 'Idempotency-Key', detail: 'must be given only once' }])
  return { key: digest([scopeOf(request), readKey(field)]), fingerprint: fingerprintOf(request) }
}

/** Makes writes that happen once, of which no two with the same key run at the same time in this process. */
export function createAttempts () {
  const running = new Set<string>()
  return <T>(once: Once | undefined, write: (once?: Once) => Awaitable<T>): Awaitable<T> => once === undefined ? write() : runAlone(once, write)

  async function runAlone<T> (once: Once, write: (once: Once) => Awaitable<T>): Promise<T> {
    if (running.has(once.key)) throw new StillRunning()
    running.add(once.key)
    try {
      return await write(once)
    } finally {
      running.delete(once.key)
    }
  }
}

/** Says of an answer that it was given before, if it was. Throws 422 where it was to another request. */
export function markReplay (reply: FastifyReply, once: Once | undefined, entry: Entry | Receipt): boolean {
  if (once === undefined || !('fingerprint' in entry)) return false
  if (entry.fingerprint !== once.fingerprint) throw new HttpError('key-reused', 'this Idempotency-Key was used for another request')
  reply.header('idempotency-replayed', 'true')
  return true
}

function linesOf ({ raw: { rawHeaders } }: FastifyRequest, name: string): number {
  return rawHeaders.filter((text, i) => i % 2 === 0 && text.toLowerCase() === name).length
}

/** A key in quotes is the same as the bare one. */
function readKey (field: string): string {
  const [, quoted] = /^"((?:\\.|[^"\\])*)"/.exec(field) ?? []
  return quoted?.replace(/\\(.)/g, '$1') ?? field
}

/**
 * All that decides what a request does: at another path, as another kind of patch, with other conditions or another body, it is another
 * request. It is the same however its target is spelled, which has no query where there are keys.
 */
function fingerprintOf ({ method, routeOptions: { url }, params, headers, body }: FastifyRequest): string {
  return digest([method, url, params, mediaTypeOf(headers) === JSON_PATCH, conditionOf(headers['if-match']), conditionOf(headers['if-none-match']), sortMembers(body)])
}

/** A precondition, however its list is spelled. */
const conditionOf = (field?: string) => field === undefined || field.trim() === '*' ? field : tagsOf(field)

const digest = (parts: readonly unknown[]) => hash('sha256', JSON.stringify(parts), 'base64url')

/** A JSON value with the members of each object in one order, whatever order they came in. */
function sortMembers (value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortMembers)
  // Makes a member even of "__proto__", where an assignment would not.
  return isObject(value) ? Object.fromEntries(Object.keys(value).sort().map((name) => [name, sortMembers(value[name])])) : value
}
