import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Coder } from './content-coding.js'
import { JSON_UTF8 } from './media-types.js'
import { isNotModified } from './preconditions.js'
import { prefersMinimal } from './preferences.js'
import { SECURITY_FIELDS } from './security-fields.js'

/** A representation, as it is sent. */
export interface Representation {
  readonly body: string | Buffer
  /** Names the body, and no other. */
  readonly etag: string
  /** The `Link` field that goes with it. */
  readonly link?: string | undefined
  /** Its content coding, where it could be sent in several; `identity` is none (RFC 9110, section 8.4.1). */
  readonly coding?: 'identity' | Coder['coding'] | undefined
}

/**
 * For the routes that answer with representations. A strong entity-tag names the bytes of one content coding (RFC 9110,
 * section 8.8.3.3): so `@fastify/compress`, where a host app has it, is to leave them as they are.
 */
export const UNCODED = { compress: false } as const

/** Answers a write with the representation that it made, or with no more than its fields to a client that prefers that. */
export function sendResult (request: FastifyRequest, reply: FastifyReply, representation: Representation): void {
  if (!prefersMinimal(request.headers)) return sendRepresentation(reply, representation)
  setFields(reply.code(reply.statusCode === 200 ? 204 : reply.statusCode), representation).header('preference-applied', 'return=minimal').send()
}

/** Answers a read: 304 where the client has the representation already. */
export function sendUnlessNotModified (request: FastifyRequest, reply: FastifyReply, representation: Representation): void {
  if (!sendIfNotModified(request, reply, representation)) sendRepresentation(reply, representation)
}

/** Answers a read with 304 where the client has the representation already (RFC 9110, section 15.4.5), and tells whether it did. */
export function sendIfNotModified (request: FastifyRequest, reply: FastifyReply, representation: Omit<Representation, 'body'>): boolean {
  if (!isNotModified(request.headers, representation.etag)) return false
  // Fastify would say that the content of GET had the length 0, which a 304 to HEAD then means; of a stream it says nothing (RFC 9110, section 8.6).
  setFields(reply.code(304), representation).send(request.method === 'HEAD' ? Readable.from([]) : undefined)
  return true
}

function sendRepresentation (reply: FastifyReply, representation: Representation): void {
  const { body, coding = 'identity' } = representation
  if (coding !== 'identity') reply.header('content-encoding', coding)
  setFields(reply, representation).type(JSON_UTF8).send(body)
}

function setFields (reply: FastifyReply, { etag, link, coding }: Omit<Representation, 'body'>): FastifyReply {
  if (link !== undefined) reply.header('link', link)
  if (coding !== undefined) {
    // Beside what a host, or CORS, has put there.
    const others = reply.getHeader('vary')
    reply.header('vary', others === undefined ? 'Accept-Encoding' : `${String(others)}, Accept-Encoding`)
  }
  return reply.headers(FIELDS).header('etag', etag)
}

/** A representation may change at any time, so a cache must ask before it uses one again (RFC 9111, section 5.2.2.4). */
const FIELDS = { 'cache-control': 'no-cache', ...SECURITY_FIELDS }
