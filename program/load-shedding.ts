import underPressure from '@fastify/under-pressure'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { Refusal } from '../http/error.js'

interface LoadSheddingOptions {
  /** For how many milliseconds work may wait for the event loop, in the mean of a second. */
  maxDelay: number
}

/** Refuses requests while work waits for the event loop for too long: whoever comes then would wait for longer still. */
export default fp(async function loadShedding (app: FastifyInstance, { maxDelay }: LoadSheddingOptions) {
  await app.register(underPressure, {
    maxEventLoopDelay: maxDelay,
    pressureHandler: ({ routeOptions: { config } }: FastifyRequest) => {
      if (config.isServedAlways !== true) throw new Refusal('the server has too much to do just now')
    }
  })
})
