import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { badRequest, HttpError } from '../http/error.js'
import { MOST_BYTES, MOST_LEVELS, nestsDeeperThan } from '../http/json.js'

export interface BodiesOptions {
  /** The media types to take, all of them JSON. */
  mediaTypes: readonly string[]
}

/** Reads bodies of these media types, and of no others that the host app may know. An empty body is none. */
export const bodies = fp(async function bodies (app: FastifyInstance, { mediaTypes }: BodiesOptions) {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser([...mediaTypes], { parseAs: 'buffer', bodyLimit: MOST_BYTES }, (request: FastifyRequest, body: Buffer, done) => {
    if (request.headers['content-encoding'] !== undefined) {
      // RFC 9110, section 15.5.16.
      throw new HttpError(415, 'a body may have no content coding', { headers: { 'accept-encoding': 'identity' } })
    }
    done(null, body.length === 0 ? undefined : parse(body))
  })
})

const utf8 = new TextDecoder('utf-8', { fatal: true })

function parse (body: Buffer): unknown {
  if (nestsDeeperThan(MOST_LEVELS, body)) throw malformed(`must not nest more than ${MOST_LEVELS} levels deep`)
  try {
    return JSON.parse(utf8.decode(body))
  } catch {
    throw malformed('must be JSON in UTF-8')
  }
}

const malformed = (detail: string) => badRequest([{ in: 'body', pointer: '', detail }])
