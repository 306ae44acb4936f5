import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { AggregatorRegistry, collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import { idField } from '../http/request-id.js'
import { NOT_STORED } from '../http/security-fields.js'
import { routeOtherMethods } from '../plugins/other-methods.js'

export interface MetricsOptions {
  /** Where to serve them. */
  url: string
  /** Gives the figures of several processes added up, in the format of Prometheus. Default: those of this one alone. */
  collectAll?: (() => Promise<string>) | undefined
}

/** Serves figures for Prometheus at `/metrics`: of the requests, of the process, and whether the store answers. */
export default fp(async function metrics (app: FastifyInstance, { url, collectAll }: MetricsOptions) {
  const register = new Registry()
  AggregatorRegistry.setRegistries(register)
  collectDefaultMetrics({ register })
  const requests = new Counter({
    name: 'http_requests_total', help: 'Requests that were answered, by operation and status', labelNames: ['operation', 'status'], registers: [register]
  })
  const durations = new Histogram({
    name: 'http_request_duration_seconds', help: 'From the fields of a request to the end of its answer, by operation', labelNames: ['operation'], registers: [register]
  })
  app.addHook('onResponse', ({ routeOptions: { schema } }, reply, done) => {
    const operation = schema?.operationId ?? 'other'
    requests.inc({ operation, status: reply.statusCode })
    durations.observe({ operation }, reply.elapsedTime / 1000)
    done()
  })
  app.addHook('onRoute', ({ method, config: { askStores } = {} }) => {
    if (askStores === undefined || method !== 'GET') return
    const up: Gauge = new Gauge({
      name: 'store_up',
      help: 'Whether the store answers: 1 where it does, to every process',
      aggregator: 'min',
      registers: [register],
      collect: async () => up.set(await askStores().then(() => 1, () => 0))
    })
  })

  app.get(url, { exposeHeadRoute: true, schema: { hide: true, operationId: 'getMetrics' }, config: { isServedAlways: true } }, async ({ headers }, reply) => {
    reply.headers({ ...NOT_STORED, ...idField(headers) }).type(register.contentType)
    return collectAll === undefined ? register.metrics() : collectAll()
  })
  routeOtherMethods(app, { url, methods: ['GET', 'HEAD'] })
})
