import type { FastifyContextConfig, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Type } from '@sinclair/typebox'
import { Refusal } from '../http/error.js'
import { JSON_UTF8 } from '../http/media-types.js'
import { NOT_STORED } from '../http/security-fields.js'
import { StoreUnavailable, type Store } from '../stores/store.js'
import { routeOtherMethods } from '../plugins/other-methods.js'
import { documented } from '../openapi/components.js'
import { NO_PARAMETERS, RequestFields } from '../openapi/operations.js'
import { answer, failures } from '../openapi/responses.js'

const Health = Type.Object({ status: Type.Literal('ok', { description: 'Nothing else than this' }) }, { $id: 'Health', description: 'Nothing is wrong' })

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The route is served where others are refused because the server has too much to do. */
    isServedAlways?: boolean
    /** Asks the stores of the API whether they answer; fails where one does not. */
    askStores?: () => Promise<void>
  }
}

interface ServiceOptions {
  /** Where the state of health is. */
  url: string
  stores: readonly Store[]
  isReady: () => boolean
}

/** What watches over a server asks: whether it should get requests (readiness), and whether it runs at all (liveness). */
export async function serviceRoutes (app: FastifyInstance, { url, stores, isReady }: ServiceOptions): Promise<void> {
  route(url, checkReadiness, { askStores }, {
    operationId: 'getHealth',
    summary: 'Ask for health',
    description: 'Answers 200 while the server and its store can serve, and else 503: also before it ends.'
  })
  route(`${url}/live`, async () => {}, { isServedAlways: true }, {
    operationId: 'getLiveness',
    summary: 'Ask whether it runs',
    description: 'Answers 200 as long as the server answers at all, and never asks the store: where nothing comes, it is to be started anew.'
  })

  function route (url: string, check: () => Promise<void>, config: FastifyContextConfig, description: object): void {
    app.route({
      method: 'GET',
      url,
      exposeHeadRoute: true,
      schema: {
        ...description,
        tags: ['service'],
        querystring: NO_PARAMETERS,
        response: { 200: answer('All is well', Health, { status: 'ok' }), ...failures() }
      },
      config: { ...config, ...documented({ headers: RequestFields }) },
      handler: async (_request: FastifyRequest, reply: FastifyReply) => {
        await check()
        reply.headers(NOT_STORED).type(JSON_UTF8)
        return '{"status":"ok"}'
      }
    })
    routeOtherMethods(app, { url, methods: ['GET', 'HEAD'] })
  }

  async function checkReadiness (): Promise<void> {
    if (!isReady()) throw new Refusal('the server takes no more requests')
    await askStores()
  }

  async function askStores (): Promise<void> {
    try {
      for (const store of stores) await store.ping()
    } catch (cause) {
      throw cause instanceof StoreUnavailable ? cause : new StoreUnavailable('the store does not answer', { cause })
    }
  }
}
