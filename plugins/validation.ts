import type { FastifyInstance } from 'fastify'
import type { TSchema } from '@sinclair/typebox'
import fp from 'fastify-plugin'
import { badRequest } from '../http/error.js'
import { readQuery } from '../http/query.js'
import { compileCheck, PARTS } from '../http/validation.js'

/** Validates requests by the rules of this API, whatever validator and query parser the host app has. */
export const validation = fp(async function validation (app: FastifyInstance) {
  app.addHook('preValidation', (request, _reply, done) => {
    request.query = readQuery(request.url)
    done()
  })

  app.setValidatorCompiler<TSchema>(({ schema, httpPart }) => {
    const check = compileCheck(schema, PARTS.get(httpPart) ?? 'body')
    return (value: unknown) => {
      const violations = check(value)
      return violations.length === 0 ? true : { error: badRequest(violations) }
    }
  })
})
