import { hash } from 'node:crypto'
import { Type } from '@sinclair/typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { HttpError } from './error.js'
import { MOST_IN_FIELDS } from '../schemas/text.js'
import { StillRunning, type Awaitable, type Entry, type Once, type Receipt } from '../stores/store.js'

// draft-ietf-httpapi-idempotency-key-header, section 2.1: a string of RFC 9651, section 3.3.3. Most clients send it bare.
const QUOTED = '"(?:[\\x21\\x23-\\x5b\\x5d-\\x7e]|\\\\["\\\\]){1,255}"'
const BARE = '(?!")[\\x21-\\x7e]{1,255}'

/** The field that makes a request happen once, however often it is sent. */
export const IdempotencyFields = Type.Object({
  'Idempotency-Key': Type.Optional(Type.String({
    pattern: `^(?:${QUOTED}|${BARE})$`,
    maxLength: MOST_IN_FIELDS,
    examples: ['"8e03978e-40d5-43dd-bc93-6894a57f9324"'],
    description: 'Chosen by the client, the same for each attempt at one request: what succeeds is done once, and answered the same again',
    'x-messages': { pattern: 'must be 1 to 255 visible ASCII characters, bare or in double quotes' }
  }))
})

/** The request as a write that happens once; undefined where it has no key. */
export function onceOf (request: FastifyRequest): Once | undefined {
  const field = request.headers['idempotency-key']
  if (typeof field !== 'string') return undefined
  return { key: readKey(field), fingerprint: fingerprintOf(request) }
}

/** Makes writes that happen once, of which no two with the same key run at the same time in this process. */
export function createAttempts () {
  const running = new Set<string>()

  return function attempt<T> (once: Once | undefined, write: (once?: Once) => Awaitable<T>): Awaitable<T> {
    return once === undefined ? write() : runAlone(once, write)
  }

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

/** A key in quotes is the same as the bare one. */
function readKey (field: string): string {
  return field.startsWith('"') ? field.slice(1, -1).replace(/\\(.)/g, '$1') : field
}

/** All that decides what a request does: in another form, with other conditions or another body, it is another request. */
function fingerprintOf ({ method, url, mediaType, headers, body }: FastifyRequest): string {
  const parts = [method, url, mediaType, headers['if-match'], headers['if-none-match'], body]
  return hash('sha256', JSON.stringify(parts), 'base64url')
}
