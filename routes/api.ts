import type { FastifyInstance, FastifyPluginAsync } from 'fastify'
import type { Resource } from '../schemas/resource.js'
import type { Model } from '../stores/store.js'
import { compileRepresentation } from '../http/representation.js'
import { MOST_BYTES } from '../http/json.js'
import { createErrorHandler } from '../plugins/problems.js'
import { prepareStores } from '../plugins/store.js'
import { validation } from '../plugins/validation.js'
import { openapi, titleOf, type Info, type SecuritySchemes } from '../openapi/document.js'
import { documentationRoutes } from '../openapi/pages.js'
import { serviceRoutes } from './health.js'
import { compileOptions, type ApiOptions } from './options.js'
import { resourceRoutes } from './resource.js'

/** An API as a person defines it. */
export interface ApiDefinition {
  /** The resources whose operations it has, each made by `defineResource`. */
  resources: readonly Resource[]
  /** The title of its documentation. Default: the names of the resources. */
  title?: string
  /** A description of the API in Markdown, for its documentation, before what holds of every API of this kind. Default: that alone. */
  description?: string
  /** The version of the API, for its documentation. Default: 1.0.0. */
  version?: string
  /** How callers may say who they are (OpenAPI's security schemes), by names to which `security` of the operations refers. Default: none. */
  securitySchemes?: SecuritySchemes
  /** More members of the document's `info` (OpenAPI 3.1, section 4.8.2), as `license` or `contact`; they replace those that it has by default. Default: none. */
  info?: Partial<Info>
  /** The most bytes that a body may have. Default, and most: 1 MiB. */
  bodyLimit?: number
  /** Where the state of health is, with that of life below it as `/live`, the OpenAPI document and its pages; `false` for nowhere. Default: `/health`, `/openapi.json` and `/docs`. */
  paths?: { readonly health?: string | false, readonly document?: string | false, readonly docs?: string | false }
}

/** An API as a Fastify plugin. It changes nothing of its host, and may be registered more than once. */
export type Api = FastifyPluginAsync<ApiOptions> & {
  readonly title: string
  readonly version: string
  /** The records of each resource, as a store needs to know them. */
  readonly models: readonly Model[]
  /** Where the state of its health is, below its prefix; false for nowhere. */
  readonly health: string | false
  /** Where the pages of its documentation are, below its prefix; false for nowhere. */
  readonly docs: string | false
  /** The ways in which its operations, by their definitions, let callers say who they are. */
  readonly securitySchemes: SecuritySchemes
}

/**
 * Makes an API of some resources: `await app.register(createApi({ resources: [books] }), { prefix: '/api', store: 'lmdb:./data' })`. Throws, in
 * one line, where two resources would have the same name for something.
 */
export function createApi ({ resources, title: given, description, version = '1.0.0', securitySchemes = {}, info = {}, bodyLimit = MOST_BYTES, paths }: ApiDefinition): Api {
  if (!Array.isArray(resources)) throw new Error('resources must be a list of what defineResource gives')
  const title = given ?? titleOf(resources)
  const { health = '/health', document = '/openapi.json', docs = '/docs' } = paths ?? {}
  refuseClashes(resources, [health, document, docs].filter((path) => path !== false))
  if (!(bodyLimit > 0 && bodyLimit <= MOST_BYTES)) throw new Error(`bodyLimit must be 1 to ${MOST_BYTES}`)
  const readOptions = compileOptions(resources)
  const models = resources.map(toModel)
  return Object.assign(api, { title, version, models, health, docs, securitySchemes })

  async function api (app: FastifyInstance, asked: ApiOptions): Promise<void> {
    const { documentation, log, idempotencyScope: scopeOf, guard, storeWait: wait, onStoreGivenUp: onGivenUp, isReady, ...options } = readOptions(asked)
    const documented = documentation && !app.hasDecorator('swagger') && (document !== false || docs !== false)

    app.setErrorHandler(createErrorHandler(log))
    await app.register(validation)
    const stores = await prepareStores(app, { ...options, models, wait, log, onGivenUp })
    if (documented) await app.register(openapi, { resources, title, description: description === undefined ? '' : `${description}\n\n`, version, securitySchemes: { ...securitySchemes, ...guard?.securitySchemes }, info })
    for (const [i, store] of stores.entries()) {
      await app.register(async (scope) => {
        scope.decorate('store', store)
        for (const resource of resources.slice(i, i + 1)) await scope.register(resourceRoutes, { resource, scopeOf, bodyLimit, guard })
      })
    }
    if (health !== false) await app.register(serviceRoutes, { url: health, stores, isReady })
    if (documented) await app.register(documentationRoutes, { title, document, docs })
  }
}

/** The description of a resource's records for a store. */
export function toModel (resource: Resource): Model {
  const { plural, properties, ids, key, unique, sortable, filters } = resource
  const filtered = [...new Set(Object.values(filters).map(({ property }) => property.name))]
  return {
    name: plural,
    ...{ properties, ids, key, unique, filtered },
    sortable: [...new Set([...sortable, ...filtered])],
    represent: compileRepresentation(resource)
  }
}

/** The names in the document that the API itself has, beside those of its resources. */
const RESERVED = ['component Problem', 'component Violation', 'component JsonPatch', 'component JsonPatchOperation', 'component Health', 'operation getHealth', 'operation getLiveness', 'tag service']

function refuseClashes (resources: readonly Resource[], paths: readonly string[]): void {
  const taken = new Set(RESERVED)
  for (const path of paths.map((path) => `path /${path.split('/', 2).at(-1)}`)) {
    if (taken.has(path)) throw new Error(`two of the paths begin with the same segment: there is a ${path} already`)
    taken.add(path)
  }
  for (const { plural, title, label, schemas: { record, creation, replacement, mergePatch, page } } of resources) {
    const components = [record, creation, replacement, mergePatch, page].map(({ $id }) => `component ${$id}`)
    const operations = [`list${title.many}`, ...['create', 'get', 'replace', 'update', 'delete'].map((verb) => verb + title.one)].map((name) => `operation ${name}`)
    for (const name of [`path /${plural}`, `table ${plural}`, `table ${plural}_receipts`, `tag ${label.many}`, ...components, ...operations]) {
      if (taken.has(name)) throw new Error(`the resource ${plural} clashes with something else: there is a ${name} already`)
      taken.add(name)
    }
  }
}
