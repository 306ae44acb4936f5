import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Violation } from '../schemas/problem.js'
import type { Fields, Resource } from '../schemas/resource.js'
import { whenReady } from '../stores/awaitable.js'
import type { Entry, Once } from '../stores/store.js'
import { HttpError, noSuchPath } from '../http/error.js'
import { createAttempts, markReplay, onceOf, type ScopeOf } from '../http/idempotency.js'
import { isObject } from '../http/json.js'
import { applyPatch, checkPatch } from '../http/patch.js'
import { parentOf, pathOf } from '../http/paths.js'
import { checkPreconditions } from '../http/preconditions.js'
import { sendResult, sendUnlessNotModified } from '../http/reply.js'
import { compile, type OtherRules } from '../http/validation.js'
import { bodies } from '../plugins/bodies.js'
import { exactPaths } from '../plugins/exact-paths.js'
import { routeOtherMethods } from '../plugins/other-methods.js'
import { describeOperations } from '../openapi/operations.js'
import { checkCursor, find as findSlice, toPage, toQuery, type ListParameters, type Page } from './list.js'
import { createPageCache } from './page-cache.js'

type ItemRequest = FastifyRequest<{ Params: Record<string, number>, Body: Fields }>
type ListRequest = FastifyRequest<{ Querystring: ListParameters }>

/** The six operations of a resource, and what its two paths answer to every other method. */
export async function resourceRoutes (app: FastifyInstance, { resource, scopeOf }: { resource: Resource, scopeOf: ScopeOf }): Promise<void> {
  const { store } = app
  const { plural, idName, label, schemas } = resource
  const collection = `/${plural}`
  const item = `/${plural}/:${idName}`
  const operations = describeOperations(resource)
  const { mediaTypes: patches } = operations.update.config

  await app.register(exactPaths)
  await app.register(bodies)
  app.route({ method: 'GET', url: collection, ...withRules(operations.list, { rules: cursorRule }), exposeHeadRoute: true, handler: list })
  app.route({ method: 'POST', url: collection, ...operations.create, handler: create })
  routeOtherMethods(app, { url: collection, methods: ['GET', 'HEAD', 'POST'] })

  app.route({ method: 'GET', url: item, ...operations.view, exposeHeadRoute: true, handler: view })
  app.route({ method: 'PUT', url: item, ...withRules(operations.replace, { rules: otherId, judgesBody: true }), handler: replace })
  app.route({ method: 'PATCH', url: item, ...withRules(operations.update, { rules: checkPatch, judgesBody: true }), handler: update })
  app.route({ method: 'DELETE', url: item, ...operations.remove, handler: remove })
  routeOtherMethods(app, { url: item, methods: ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE'], headers: { 'accept-patch': patches.join(', ') }, find })
  app.route({ method: app.supportedMethods, url: `${collection}/*`, schema: { hide: true }, onRequest: refuse, handler: refuse })

  const pages = createPageCache()
  const attempt = createAttempts()
  const { parse: parseReplacement } = compile(schemas.replacement, 'body')
  const { parse: parseParams } = compile(schemas.params, 'path')

  function list (request: ListRequest, reply: FastifyReply) {
    const revision = store.revision?.()
    const kept = pages.find(request.url, revision)
    if (kept !== undefined) return sendPage(request, reply, kept)

    const query = toQuery(resource, request.query)
    return whenReady(findSlice(store, query), (slice) => {
      const page = toPage(resource, slice, query, pathOf(request.url), request.url)
      pages.keep(request.url, revision, page)
      sendPage(request, reply, page)
    })
  }

  function sendPage (request: FastifyRequest, reply: FastifyReply, page: Page): void {
    if (page.next !== undefined) reply.header('link', `<${page.next}>; rel="next"`)
    sendUnlessNotModified(request, reply, page)
  }

  function create (request: ItemRequest, reply: FastifyReply) {
    const once = onceOf(request, scopeOf)
    return whenReady(attempt(once, (once) => store.create(request.body, once)), (entry) => {
      markReplay(reply, once, entry)
      reply.code(201).header('location', `${pathOf(request.url)}/${entry.item.id}`)
      sendResult(request, reply, entry)
    })
  }

  function view (request: ItemRequest, reply: FastifyReply) {
    const id = idOf(request)
    return whenReady(store.get(id), (entry) => sendUnlessNotModified(request, reply, found(entry, id)))
  }

  function replace (request: ItemRequest, reply: FastifyReply) {
    return write(request, reply, undefined, () => parseReplacement(request.body, otherId(request)))
  }

  function update (request: ItemRequest, reply: FastifyReply) {
    return write(request, reply, onceOf(request, scopeOf), ({ item }) => {
      const result = applyPatch(request, item)
      return parseReplacement(result, otherId(request, result))
    })
  }

  function remove (request: ItemRequest, reply: FastifyReply) {
    const id = idOf(request)
    const check = (current: Entry) => checkPreconditions(request.headers, current.etag)
    return whenReady(store.delete(id, check), (deleted) => {
      if (!deleted) throw notFound(id)
      reply.code(204).send()
    })
  }

  /** Puts what `change` makes of a record in its place, if the preconditions hold, which come before the content (RFC 9110, section 13.2.1). */
  function write (request: ItemRequest, reply: FastifyReply, once: Once | undefined, change: (current: Entry) => Fields) {
    const id = idOf(request)
    const decide = (current: Entry) => {
      checkPreconditions(request.headers, current.etag)
      return change(current)
    }
    return whenReady(attempt(once, (once) => store.update(id, decide, once)), (result) => {
      const entry = found(result, id)
      // A replay shows the record as it was then, which may not be what is at the path now (RFC 9110, section 8.7).
      if (!markReplay(reply, once, entry)) reply.header('content-location', `${parentOf(pathOf(request.url))}/${id}`)
      sendResult(request, reply, entry)
    })
  }

  /** For methods without a route of their own: fails where the id is none, or names no record. */
  function find (request: ItemRequest) {
    parseParams(request.params)
    const id = idOf(request)
    return whenReady(store.get(id), (entry) => { found(entry, id) })
  }

  /** Refuses what is below the collection and no item; also an id that is longer than the router of the host app takes. */
  async function refuse ({ params: { '*': rest = '' }, url }: FastifyRequest<{ Params: Record<string, string> }>): Promise<never> {
    if (!rest.includes('/')) parseParams({ [idName]: rest })
    throw noSuchPath(url)
  }

  function idOf ({ params }: ItemRequest): number {
    return Number(params[idName])
  }

  function found (entry: Entry | undefined, id: number): Entry {
    if (entry === undefined) throw notFound(id)
    return entry
  }

  function notFound (id: number): HttpError {
    return new HttpError('not-found', `there is no ${label.one} with the id ${id}`)
  }

  function cursorRule ({ query }: ListRequest): Violation[] {
    return checkCursor(resource, query)
  }

  /** A client may send back the id that it read, but no other. */
  function otherId ({ params: { [idName]: id }, body }: ItemRequest, fields: unknown = body): Violation[] {
    if (!isObject(fields) || typeof fields.id !== 'number' || typeof id !== 'number' || fields.id === id) return []
    return [{ in: 'body', pointer: '/id', detail: `must be the id in the path, ${id}` }]
  }
}

/** Adds to an operation the rules that its schemas cannot say. */
function withRules<O extends { config: object }> (operation: O, rules: OtherRules) {
  return { ...operation, config: { ...operation.config, ...rules } }
}
