import corsOfFastify from '@fastify/cors'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { ALLOW } from './connections.js'

/** The fields of answers that a program in a browser may read, beside those that each may. */
const EXPOSED = [
  ...['Accept', 'Accept-Encoding', 'Accept-Patch', 'Allow', 'Content-Location', 'ETag', 'Idempotency-Replayed', 'Link', 'Location', 'Preference-Applied'],
  ...['RateLimit-Limit', 'RateLimit-Remaining', 'RateLimit-Reset', 'Retry-After', 'WWW-Authenticate', 'X-Request-Id']
]

/** For how many seconds a browser may remember what it was told before a request. */
const MAX_AGE = 600

/** Lets programs in browsers use the app from pages of some origins, or, with `*`, of any (CORS, in the Fetch standard). */
export default fp(async function cors (app: FastifyInstance, { origins }: { origins: string }) {
  const allowed = new Set(origins.split(',').map((origin) => origin.trim()))
  await app.register(corsOfFastify, {
    origin: origins === '*' ? '*' : (origin, done) => done(null, origin !== undefined && allowed.has(origin)),
    exposedHeaders: EXPOSED,
    // It would answer every OPTIONS, and is answered below.
    preflight: false
  })
  app.addHook('onRequest', (request, reply, done) => {
    const { method, headers } = request
    const { origin, 'access-control-request-method': asked, 'access-control-request-headers': fields } = headers
    if (method !== 'OPTIONS' || origin === undefined || asked === undefined || !reply.hasHeader('access-control-allow-origin')) return done()
    // No credentials are ever asked for, so that any field may be sent, as by clients elsewhere.
    reply.headers({
      'access-control-allow-methods': ALLOW,
      ...fields === undefined ? {} : { 'access-control-allow-headers': fields },
      'access-control-max-age': MAX_AGE
    })
    reply.code(204).send()
  })
})
