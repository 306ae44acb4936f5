import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { HttpError } from '../http/error.js'
import { compileRequestCheck, type OtherRules } from '../http/validation.js'

declare module 'fastify' {
  interface FastifyContextConfig extends OtherRules {}
}

/** Validates every request by the schemas of its route, whatever validator and query parser the host app has. */
export const validation = fp(async function validation (app: FastifyInstance) {
  // Fastify itself would stop at the first part of a request that is invalid: the hook names what is, in all of them.
  app.setValidatorCompiler(() => () => true)
  app.addHook('onRoute', (route) => {
    const { schema = {}, config = {} } = route
    if (!PARTS.some((part) => part in schema)) return
    const check = compileRequestCheck(schema, config)
    route.preValidation = (request, _reply, done) => {
      if (request.raw.rawHeaders.length >= 2 * mostFields(app.server)) throw new HttpError('fields-too-large', 'the request has more fields than are read')
      check(request)
      done()
    }
  })
})

/** How many fields Node.js reads of a request: without a word, it leaves out those that come after. */
function mostFields ({ maxHeadersCount }: FastifyInstance['server']): number {
  return maxHeadersCount === 0 ? Infinity : maxHeadersCount ?? 1000
}

/** The parts of a request, by Fastify's names for them. */
const PARTS = ['params', 'querystring', 'headers', 'body']
