import type { FastifyInstance, FastifyReply, FastifyRequest, preValidationHookHandler } from 'fastify'
import fp from 'fastify-plugin'
import { HttpError } from '../http/error.js'
import { fragment } from '../http/faults.js'
import { givenId } from '../http/request-id.js'
import { compileRequestCheck, type OtherRules } from '../http/validation.js'

declare module 'fastify' {
  interface FastifyContextConfig extends OtherRules {}
}

/** Validates every request by the schemas of its route, whatever validator and query parser the host app has. */
export const validation = fp(async function validation (app: FastifyInstance) {
  // Fastify itself would stop at the first part of a request that is invalid: the hook names what is, in all of them.
  app.setValidatorCompiler(() => () => true)
  // Every answer is text already, made from its schema when it was written: Fastify has no serializers to compile.
  app.setSerializerCompiler(() => JSON.stringify)
  app.addHook('onRoute', (route) => {
    const { schema = {}, config = {} } = route
    const check = PARTS.some((part) => part in schema) ? compileRequestCheck(schema, config) : undefined
    const validate: preValidationHookHandler = (request, reply, done) => {
      checkHead(request, reply)
      check?.(request)
      done()
    }
    const others = [route.preValidation ?? []].flat()
    route.preValidation = others.length === 0 ? validate : [validate, ...others]
  })

  /** Refuses what no route takes, and sends back the id that the client gave the request. */
  function checkHead ({ raw, url, headers }: FastifyRequest, reply: FastifyReply): void {
    if (raw.rawHeaders.length >= 2 * mostFields(app.server)) throw new HttpError('fields-too-large', 'the request has more fields than are read')
    if (url.includes('#')) throw fragment()
    const id = givenId(headers)
    if (id !== undefined) reply.header('x-request-id', id)
  }
})

/** How many fields Node.js reads of a request: without a word, it leaves out those that come after. */
function mostFields ({ maxHeadersCount }: FastifyInstance['server']): number {
  return maxHeadersCount === 0 ? Infinity : maxHeadersCount ?? 1000
}

/** The parts of a request, by Fastify's names for them. */
const PARTS = ['params', 'querystring', 'headers', 'body']
