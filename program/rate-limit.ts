import limitOfFastify from '@fastify/rate-limit'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { HttpError } from '../http/error.js'
import { pathOf } from '../http/paths.js'

export interface RateLimitOptions {
  /** How many requests of one client are answered in a minute. */
  most: number
  /** The paths that may be asked for without end. */
  free: ReadonlySet<string>
}

/** How many clients are remembered; then those that have been silent the longest are forgotten. */
const MOST_CLIENTS = 50_000

/** Refuses the requests of a client, told by its address, that are too many in a minute, whatever they ask for. */
export default fp(async function rateLimit (app: FastifyInstance, { most, free }: RateLimitOptions) {
  await app.register(limitOfFastify, {
    max: most,
    timeWindow: '1 minute',
    cache: MOST_CLIENTS,
    enableDraftSpec: true,
    // By itself it would count within each route, after what refuses other methods there.
    global: false,
    allowList: ({ url }) => free.has(pathOf(url)),
    errorResponseBuilder: () => new HttpError('too-many-requests', `a client may send ${most} requests in a minute`)
  })
  app.addHook('onRequest', app.rateLimit())
})
