import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyBaseLogger, FastifyReply, FastifyRequest } from 'fastify'
import { traceField } from '../http/trace-context.js'

/** Which answers have a line in the log: all, those whose status is 400 or more, or none. */
export type WhichAnswers = 'all' | 'errors' | 'none'

/**
 * Logs one line for a request, when its answer is finished. Of the fields of the request, it has the ids alone: others may be
 * secrets.
 */
export function createAccessLog (which: WhichAnswers, log: FastifyBaseLogger) {
  const least = which === 'all' ? 0 : 400
  // Whatever the level of the log is: that is about what goes wrong.
  const lines = log.child({}, { level: 'info' })
  const noted = new WeakSet<ServerResponse>()
  return { logReply, noteAnswer }

  /** Logs an answer of the app. */
  function logReply ({ id, raw, originalUrl, ip }: FastifyRequest, { raw: answer, elapsedTime }: FastifyReply): void {
    if (!noted.has(answer)) write(id, raw, originalUrl, answer.statusCode, elapsedTime, ip)
  }

  /** Logs, when it is finished, an answer that its connection gives in place of the app. */
  function noteAnswer (answer: ServerResponse, id: string): void {
    const begin = performance.now()
    const { req: request } = answer
    const { remoteAddress } = request.socket
    noted.add(answer)
    answer.once('finish', () => write(id, request, request.url, answer.statusCode, performance.now() - begin, remoteAddress))
  }

  function write (reqId: string, { method, headers }: IncomingMessage, url: string | undefined, status: number, milliseconds: number, client: string | undefined): void {
    if (status < least) return
    lines.info({ reqId, method, url: withoutSecrets(url), status, duration: Math.round(milliseconds * 1000) / 1000, client, ...traceField(headers) }, 'answered')
  }
}

/** A target without what credentials some put there though nobody takes them (RFC 9110, section 4.2.4; RFC 6750, section 2.3). */
const withoutSecrets = (target?: string) => target?.replace(/^(\w+:\/\/)[^/?@]*@/, '$1').replace(/(\baccess_token=)[^&]*/gi, '$1...')
