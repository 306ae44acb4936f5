import type { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import { errorCodes, type FastifyInstance, type FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { badRequest, HttpError, Refusal } from '../http/error.js'
import { createHeldBytes, type Holder } from '../http/held-bytes.js'
import { JSON_PATCH, JSON_TYPE, MERGE_PATCH, mediaTypeOf } from '../http/media-types.js'
import { measureJson, MOST_BYTES, MOST_LEVELS, MOST_VALUES } from '../http/json.js'

/** The bodies that are being received in this process, 64 MiB together. Beyond that the oldest are refused, after their first second, and else the one that grows. */
const received = createHeldBytes({ most: 64 * MOST_BYTES, patience: 1000 })

/** Bodies of at most so many bytes are not worth the time to count them. */
const SHORT = 16 * 1024

/** Reads bodies of the media types that a route takes, and of no others that the host app may know. An empty body is none. */
export const bodies = fp(async function bodies (app: FastifyInstance, { bodyLimit }: { bodyLimit: number }) {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser([JSON_TYPE, MERGE_PATCH, JSON_PATCH], ({ headers, raw, routeOptions }: FastifyRequest, payload: Readable, done) => {
    const mediaType = mediaTypeOf(headers)
    if (routeOptions.config.mediaTypes?.includes(mediaType) === false) throw new errorCodes.FST_ERR_CTP_INVALID_MEDIA_TYPE(mediaType)
    if (headers['content-encoding'] !== undefined) {
      // RFC 9110, section 15.5.16.
      throw new HttpError('unsupported-media-type', 'a body may have no content coding', { 'accept-encoding': 'identity' })
    }
    if (Number(headers['content-length']) > bodyLimit) throw tooLarge(bodyLimit)
    receive(payload, raw.socket, bodyLimit, done)
  })
})

/** The value that a body is as JSON, or else the error by which it is refused. An empty body has neither. */
type Parsed = [error: Error | null, value?: unknown]

/**
 * Receives a body in one piece, because many small pieces would take many times their length, and passes on its value. It calls back, and
 * listens to no more than it must, because each write pays for that.
 */
function receive (payload: Readable, socket: Socket, most: number, pass: (...parsed: Parsed) => void): void {
  let room: Buffer = NONE
  let length = 0
  let holder: Holder | undefined
  let isFinished = false
  payload.on('data', add).on('end', end).on('error', lose)

  function add (chunk: Buffer): void {
    const needed = length + chunk.length
    if (needed > most) return stop(tooLarge(most))
    // Most bodies come in one piece, which is taken as it is.
    if (length === 0) room = chunk
    else if (needed > room.length) room = Buffer.concat([room], Math.max(needed, 2 * length))
    if (room !== chunk) chunk.copy(room, length)
    length = needed
    if (length > SHORT) hold()
  }

  function hold (): void {
    holder ??= { giveUp: () => stop(tooMuchAtOnce()) }
    // Where the answer comes before the end of the body, as a refusal does, the stream has no event at its end: the socket has.
    socket.off('close', lose).once('close', lose)
    received.hold(holder, room.length)
    if (!received.hasRoom()) holder.giveUp()
  }

  function end (): void {
    finish(parse(length < room.length ? room.subarray(0, length) : room))
  }

  function stop (error: HttpError): void {
    // The rest is read, and not kept.
    payload.off('data', add).off('end', end)
    finish([error])
  }

  function lose (): void {
    stop(new HttpError('invalid-request', 'the body did not come to its end'))
  }

  function finish (parsed: Parsed): void {
    if (isFinished) return
    isFinished = true
    if (holder !== undefined) {
      socket.off('close', lose)
      received.release(holder)
    }
    pass(...parsed)
  }
}

const NONE = Buffer.alloc(0)
const tooLarge = (most: number) => new HttpError('content-too-large', `a body may have ${most === MOST_BYTES ? '1 MiB' : `${most} bytes`} at most`)
const tooMuchAtOnce = () => new Refusal('the bodies that are being received are too many for now')

const utf8 = new TextDecoder('utf-8', { fatal: true })

function parse (body: Buffer): Parsed {
  if (body.length === 0) return [null]
  const { levels, values } = measureJson(body)
  if (levels > MOST_LEVELS) return [malformed(`must not nest more than ${MOST_LEVELS} levels deep`)]
  if (values > MOST_VALUES) return [malformed(`must not have more than ${MOST_VALUES} values, but has ${values}`)]
  try {
    return [null, JSON.parse(utf8.decode(body))]
  } catch {
    return [malformed('must be JSON in UTF-8')]
  }
}

const malformed = (detail: string) => badRequest([{ in: 'body', pointer: '', detail }])
