import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods, RawServerDefault, RouteGenericInterface, RouteHandlerMethod } from 'fastify'
import type { Violation } from '../schemas/problem.js'
import type { Fields, OperationName, Resource } from '../schemas/resource.js'
import { whenReady } from '../stores/awaitable.js'
import { idReader } from '../stores/ids.js'
import type { Awaitable, Entry, Id, Once } from '../stores/store.js'
import { preferredCoder } from '../http/content-coding.js'
import { HttpError, noSuchPath } from '../http/error.js'
import { createAttempts, markReplay, onceOf, type ScopeOf } from '../http/idempotency.js'
import { parentOf, pathOf, toSegments } from '../http/paths.js'
import { checkPatch } from '../http/patch.js'
import { checkPreconditions } from '../http/preconditions.js'
import { sendIfNotModified, sendResult, sendUnlessNotModified, type Representation } from '../http/reply.js'
import { SECURITY_FIELDS } from '../http/security-fields.js'
import { compile, type OtherRules } from '../http/validation.js'
import { bodies } from '../plugins/bodies.js'
import { exactPaths } from '../plugins/exact-paths.js'
import { routeOtherMethods } from '../plugins/other-methods.js'
import { describeOperations } from '../openapi/operations.js'
import { unauthorized } from '../openapi/responses.js'
import { createContent } from './content.js'
import { checkCursor, find as findSlice, toPage, toQuery, type ListParameters } from './list.js'
import type { Guard } from './options.js'
import { codedTag, createPageCache } from './page-cache.js'

type ItemRequest = FastifyRequest<{ Params: Record<string, Id>, Body: Fields }>
type Handler<R extends RouteGenericInterface> = RouteHandlerMethod<RawServerDefault, IncomingMessage, ServerResponse, R>
type ListRequest = FastifyRequest<{ Querystring: ListParameters }>

interface ResourceOptions {
  resource: Resource
  scopeOf: ScopeOf
  bodyLimit: number
  guard?: Guard | undefined
}

/** The operations of a resource, and what its two paths answer to every other method. */
export async function resourceRoutes (app: FastifyInstance, { resource, scopeOf, bodyLimit, guard }: ResourceOptions): Promise<void> {
  const { store } = app
  const { plural, ids, key, label, schemas } = resource
  const collection = `/${plural}`
  const item = collection + resource.itemPath
  const operations = describeOperations(resource)
  const content = createContent(resource, app)

  await app.register(exactPaths)
  await app.register(bodies, { bodyLimit })
  const ofCollection = [
    ...declare('list', 'GET', collection, list, { rules: cursorRule }),
    ...declare('create', 'POST', collection, create, { rules: content.checkKey })
  ]
  const ofItem = [
    ...declare('view', 'GET', item, view),
    ...declare('replace', 'PUT', item, replace, { rules: otherKey, judgesBody: true }),
    ...declare('update', 'PATCH', item, update, { rules: checkPatch, judgesBody: true }),
    ...declare('remove', 'DELETE', item, remove)
  ]
  const patches = ofItem.includes('PATCH') ? { 'accept-patch': operations.update.config.mediaTypes.join(', ') } : {}
  if (ofCollection.length > 0) routeOtherMethods(app, { url: collection, methods: ofCollection })
  if (ofItem.length > 0) routeOtherMethods(app, { url: item, methods: ofItem, headers: patches, ...guard?.reads === true ? {} : { find } })
  app.route({ method: app.supportedMethods, url: `${collection}/*`, schema: { hide: true }, onRequest: refuse, handler: refuse })

  const pages = createPageCache()
  const attempt = createAttempts()
  const { parse: parseParams } = compile(schemas.params, 'path')
  const parameters = Object.keys(schemas.params.properties)
  const [parameter = ''] = parameters
  const readId = idReader(parameters)

  /** Declares an operation, if the resource has it; gives the methods that its path takes for it. */
  function declare<R extends RouteGenericInterface> (name: OperationName, method: HTTPMethods, url: string, handler: Handler<R>, rules: OtherRules = {}): string[] {
    const { [name]: options = {} } = resource.operations
    if (options === false) return []
    const { schema: { response, ...schema }, config, ...operation } = operations[name]
    const guarded = guard === undefined || (method === 'GET' && guard.reads !== true) ? undefined : guard
    const security = guarded && { security: Object.keys(guarded.securitySchemes).map((scheme) => ({ [scheme]: [] })) }
    app.route<R>({
      ...options,
      ...operation,
      onRequest: [guarded?.onRequest ?? [], options.onRequest ?? []].flat(),
      schema: { ...schema, ...security, ...options.schema, response: { ...response, ...guarded && { 401: unauthorized }, ...options.schema?.response } },
      config: { ...options.config, ...config, ...rules },
      method,
      url,
      handler,
      exposeHeadRoute: method === 'GET'
    })
    return method === 'GET' ? ['GET', 'HEAD'] : [method]
  }

  function list (request: ListRequest, reply: FastifyReply) {
    const revision = store.revision?.()
    const kept = pages.find(request.url, revision)
    if (kept !== undefined) return sendPage(request, reply, kept, revision)

    const query = toQuery(resource, request.query)
    return whenReady(findSlice(store, query, request.query), (found) => {
      const page = toPage(resource, found, query, pathOf(request.url), request.url, revision !== undefined)
      pages.keep(request.url, revision, page)
      return sendPage(request, reply, page, store.revision?.())
    })
  }

  /** Sends a page in the content coding that the client likes best, if it can be coded. */
  function sendPage (request: ListRequest, reply: FastifyReply, page: Representation, revision: number | undefined): Awaitable<void> {
    const coder = page.coding && preferredCoder(request.headers)
    if (coder === undefined) return sendUnlessNotModified(request, reply, page)
    const { coding } = coder
    const etag = codedTag(page, coding)
    const kept = pages.find(etag, revision)
    if (kept !== undefined) return sendUnlessNotModified(request, reply, kept)
    if (sendIfNotModified(request, reply, { ...page, etag, coding })) return
    return whenReady(pages.encode(page, coder, revision), (coded) => sendUnlessNotModified(request, reply, coded))
  }

  function create (request: ItemRequest, reply: FastifyReply) {
    const once = onceOf(request, scopeOf)
    return whenReady(attempt(once, (once) => store.create(content.created(request), once)), (entry) => {
      markReplay(reply, once, entry)
      reply.code(201).header('location', `${pathOf(request.url)}/${toSegments(key, entry.item)}`)
      sendResult(request, reply, entry)
    })
  }

  function view (request: ItemRequest, reply: FastifyReply) {
    return whenReady(store.get(idOf(request)), (entry) => sendUnlessNotModified(request, reply, found(entry, request)))
  }

  /** Puts a whole record in the place of another; where there is none, creates it, if its own properties identify it. */
  function replace (request: ItemRequest, reply: FastifyReply) {
    if (ids !== 'own') return write(request, reply, undefined, (current) => content.replaced(request, current))
    let isNew = false
    return whenReady(store.put(idOf(request), (current) => {
      checkPreconditions(request.headers, current?.etag)
      isNew = current === undefined
      return content.replaced(request, current, keyOf(request))
    }), (entry) => sendWritten(request, reply.code(isNew ? 201 : 200), entry))
  }

  function update (request: ItemRequest, reply: FastifyReply) {
    return write(request, reply, onceOf(request, scopeOf), (current) => content.patched(request, current))
  }

  function remove (request: ItemRequest, reply: FastifyReply) {
    const check = (current: Entry) => checkPreconditions(request.headers, current.etag)
    return whenReady(store.delete(idOf(request), check), (deleted) => {
      if (!deleted) throw notFound(request)
      reply.code(204).headers(SECURITY_FIELDS).send()
    })
  }

  /** Puts what `change` makes of a record in its place, if the preconditions hold, which come before the content (RFC 9110, section 13.2.1). */
  function write (request: ItemRequest, reply: FastifyReply, once: Once | undefined, change: (current: Entry) => Fields) {
    const decide = (current: Entry) => {
      checkPreconditions(request.headers, current.etag)
      return change(current)
    }
    return whenReady(attempt(once, (once) => store.update(idOf(request), decide, once)), (result) => {
      const entry = found(result, request)
      // A replay shows the record as it was then, which may not be what is at the path now (RFC 9110, section 8.7).
      if (markReplay(reply, once, entry)) sendResult(request, reply, entry)
      else sendWritten(request, reply, entry)
    })
  }

  function sendWritten (request: ItemRequest, reply: FastifyReply, entry: Entry): void {
    reply.header('content-location', `${key.reduce(parentOf, pathOf(request.url))}/${toSegments(key, entry.item)}`)
    sendResult(request, reply, entry)
  }

  /** For methods without a route of their own: fails where the path can be of no record, or is of none. */
  function find (request: ItemRequest) {
    parseParams(request.params)
    return whenReady(store.get(idOf(request)), (entry) => { found(entry, request) })
  }

  /** Refuses what is below the collection and no item; also an id that is longer than the router of the host app takes. */
  async function refuse ({ params: { '*': rest = '' }, url }: FastifyRequest<{ Params: Record<string, string> }>): Promise<never> {
    if (ofItem.length > 0 && key.length === 1 && !rest.includes('/')) parseParams({ [parameter]: rest })
    throw noSuchPath(url)
  }

  /** The values of the key that a path has. */
  function keyOf ({ params }: ItemRequest): Fields {
    return ids === 'own' ? params : { id: params[parameter] }
  }

  function idOf ({ params }: ItemRequest): Id {
    return readId(params)
  }

  function found (entry: Entry | undefined, request: ItemRequest): Entry {
    if (entry === undefined) throw notFound(request)
    return entry
  }

  function notFound (request: ItemRequest): HttpError {
    const values = Object.entries(keyOf(request)).map(([name, value]) => `${name} ${String(value)}`)
    return new HttpError('not-found', `there is no ${label.one} with the ${values.join(' and the ')}`)
  }

  function cursorRule ({ query }: ListRequest): Violation[] {
    return checkCursor(resource, query)
  }

  function otherKey (request: ItemRequest): Violation[] {
    return content.differences(request.body, keyOf(request))
  }
}
