import type { IncomingHttpHeaders } from 'node:http'
import helmet from '@fastify/helmet'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteHandlerMethod } from 'fastify'
import { pathOf } from '../http/paths.js'
import { sendUnlessNotModified, UNCODED, type Representation } from '../http/reply.js'
import { entityTag } from '../http/representation.js'
import { SECURITY_FIELDS } from '../http/security-fields.js'
import { routeOtherMethods } from '../plugins/other-methods.js'
import { NO_PARAMETERS } from './operations.js'
import { THEME } from './theme.js'

export interface DocumentationPaths {
  readonly title: string
  /** Where the document is. */
  readonly document: string | false
  /** Where the pages for people are. */
  readonly docs: string | false
}

/** Serves the document and, for people, pages, to which `/` leads. */
export async function documentationRoutes (app: FastifyInstance, { title, document: at, docs }: DocumentationPaths): Promise<void> {
  const urls = new Set<string>()
  app.addHook('onRoute', ({ url }) => { urls.add(url.slice(app.prefix.length) || '/') })
  const options = { method: 'GET', exposeHeadRoute: true, schema: { hide: true, querystring: NO_PARAMETERS } } as const
  let document: Representation | undefined

  if (docs !== false && !app.hasRoute({ method: 'GET', url: `${app.prefix}/` })) app.route({ ...options, url: '/', handler: redirect })
  if (at !== false) app.route({ ...UNCODED, ...options, url: at, handler: sendDocument })
  if (docs !== false) await app.register(pages, { title, docs })
  for (const url of [...urls]) routeOtherMethods(app, { url, methods: ['GET', 'HEAD'] })

  function redirect (request: FastifyRequest, reply: FastifyReply) {
    reply.headers(SECURITY_FIELDS).redirect(`${pathOf(request.url).replace(/^\/$/, '')}${docs}`)
  }

  function sendDocument (request: FastifyRequest, reply: FastifyReply) {
    // Made when somebody wants it: it would take a start longer.
    document ??= represent(JSON.stringify(app.swagger()))
    sendUnlessNotModified(request, reply, document)
  }
}

const represent = (body: string): Representation => ({ body, etag: entityTag(body) })

/** Swagger UI from this server alone, with the security headers that pages need. */
async function pages (app: FastifyInstance, { title, docs }: { title: string, docs: string }): Promise<void> {
  const withoutHead = new Map<string, RouteHandlerMethod>()
  app.addHook('onRoute', ({ method, url, handler }) => {
    if (method === 'GET') withoutHead.set(url.slice(app.prefix.length), handler)
    if (method === 'HEAD') withoutHead.delete(url.slice(app.prefix.length))
  })
  app.addHook('onRequest', async ({ raw: { headers } }) => compareStrongly(headers))
  await app.register(helmet, {
    contentSecurityPolicy: {
      directives: {
        defaultSrc: ["'self'"],
        fontSrc: ["'self'"],
        imgSrc: ["'self'", 'data:'],
        styleSrc: ["'self'", "'unsafe-inline'"],
        // The server may well be spoken to without TLS.
        upgradeInsecureRequests: null
      }
    },
    strictTransportSecurity: false
  })
  await app.register(swaggerUi, {
    routePrefix: docs,
    // The page refers to its parts by relative paths, so that they are found under any prefix, whatever is in front of the server.
    indexPrefix: '.',
    theme: { title, css: [{ filename: 'theme.css', content: THEME }] },
    uiConfig: { layout: 'BaseLayout', validatorUrl: null, displayRequestDuration: true, defaultModelsExpandDepth: 0 }
  })
  // A host app may have set `exposeHeadRoutes: false`.
  for (const [url, handler] of withoutHead) app.route({ method: 'HEAD', url, schema: { hide: true }, handler })
}

/**
 * `If-Match` and `If-Range` compare strongly (RFC 9110, sections 13.1.1 and 13.1.5), so that the weak tags of files match nothing. What serves
 * the files would compare them weakly: it gets a tag that no file has, and sends the whole file.
 */
function compareStrongly (headers: IncomingHttpHeaders): void {
  if (headers['if-match'] !== undefined && headers['if-match'] !== '*') headers['if-match'] = '""'
  if (headers['if-range'] !== undefined) delete headers.range
}
