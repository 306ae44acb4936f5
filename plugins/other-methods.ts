import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { HttpError } from '../http/error.js'
import { idField } from '../http/request-id.js'
import { SECURITY_FIELDS } from '../http/security-fields.js'

export interface OtherMethods {
  url: string
  /** The methods that have routes of their own at this URL. */
  methods: readonly string[]
  /** Fields of the answer to OPTIONS, beside `Allow`. */
  headers?: Readonly<Record<string, string>>
  /** Fails where there is nothing at this URL for any method. */
  find? (request: FastifyRequest): unknown
}

/** Answers OPTIONS with 204, and every method that has no route at this URL with 405: both with `Allow`. */
export function routeOtherMethods (app: FastifyInstance, { url, methods, headers = {}, find = () => {} }: OtherMethods): void {
  const allow = [...methods, 'OPTIONS'].join(', ')

  async function answer (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    await find(request)
    if (request.method !== 'OPTIONS') {
      throw new HttpError('method-not-allowed', `this path does not take ${request.method}`, { allow })
    }
    return reply.code(204).headers({ allow, ...headers, ...SECURITY_FIELDS, ...idField(request.headers) }).send()
  }

  app.route({
    method: app.supportedMethods.filter((method) => !methods.includes(method)),
    url,
    schema: { hide: true },
    // Before the body is read: no body would make the method one that this path takes.
    onRequest: answer,
    handler: answer
  })
}
