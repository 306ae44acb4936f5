import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Type } from '@sinclair/typebox'
import { JSON_UTF8 } from '../http/media-types.js'
import { StoreUnavailable, type Store } from '../stores/store.js'
import { routeOtherMethods } from '../plugins/other-methods.js'
import { documented } from '../openapi/components.js'
import { NO_PARAMETERS, RequestFields } from '../openapi/operations.js'
import { answer, failures } from '../openapi/responses.js'

const Health = Type.Object({ status: Type.Literal('ok', { description: 'Nothing else than this' }) }, { $id: 'Health', description: 'The server and its store can serve' })

/** What a load balancer asks: whether this server, with its stores, can serve. */
export async function serviceRoutes (app: FastifyInstance, { url, stores }: { url: string, stores: readonly Store[] }): Promise<void> {
  app.route({
    method: 'GET',
    url,
    exposeHeadRoute: true,
    schema: {
      operationId: 'getHealth',
      summary: 'Ask for health',
      description: 'Answers 200 while the server and its store can serve, and else 503.',
      tags: ['service'],
      querystring: NO_PARAMETERS,
      response: { 200: answer('All is well', Health, { status: 'ok' }), ...failures() }
    },
    config: documented({ headers: RequestFields }),
    handler: health
  })
  routeOtherMethods(app, { url, methods: ['GET', 'HEAD'] })

  async function health (_request: FastifyRequest, reply: FastifyReply): Promise<string> {
    try {
      for (const store of stores) await store.ping()
    } catch (cause) {
      throw cause instanceof StoreUnavailable ? cause : new StoreUnavailable('the store does not answer', { cause })
    }
    reply.headers({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' }).type(JSON_UTF8)
    return '{"status":"ok"}'
  }
}
