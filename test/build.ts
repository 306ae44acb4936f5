import type { FastifyInstance, FastifyServerOptions } from 'fastify'
import type { Test } from 'tap'
import { createApi, type ApiDefinition } from '../routes/api.js'
import type { ApiOptions } from '../routes/options.js'
import type { Model, Store } from '../stores/store.js'
import { createStandalone, type StandaloneOptions } from '../program/standalone.js'
import { buildApp, call } from './testing.js'

export { call, type Content } from './testing.js'

/** Makes a new store, of other records than the languages where a model says so, or names one for any records by its URL. */
export type NewStore = (t: Test, model?: Model) => Store | string

let newStore: NewStore = () => 'memory:'
let isLong = false

/** How often a test tries something at random that takes long each time: a fifth as often as in `npm run test:long`. */
export const runs = (count: number): number => isLong ? count : Math.ceil(count / 5)

/** Runs the HTTP tests with stores of another kind, and where `long`, with all of what they try at random. */
export async function testHttp (kind: NewStore, { tests = HTTP_TESTS, long = false } = {}): Promise<void> {
  newStore = kind
  isLong = long
  for (const file of tests) await import(`./${file}.test.js`)
}

export const HTTP_TESTS = [
  'http/json-patch',
  'http/merge-patch',
  'http/preconditions',
  'http/preferences',
  'openapi/document',
  'openapi/pages',
  'plugins/other-methods',
  'plugins/problems',
  'program/standalone',
  'routes/idempotency',
  'routes/list',
  'routes/page-cache',
  'routes/resource'
]

/** The API on a server of its own, closed with the test. */
export function build (t: Test, options: StandaloneOptions = {}): FastifyInstance {
  // No client of these tests needs long to close.
  const app = createStandalone({ store: newStore(t), limits: { linger: 100 }, ...options })
  t.teardown(() => app.close())
  return app
}

/** An API of other resources in an app of their own, closed with the test. */
export function buildApi (t: Test, definition: ApiDefinition, options: ApiOptions = {}, server: FastifyServerOptions = {}): Promise<FastifyInstance> {
  const store = newStore(t)
  return buildApp(t, createApi(definition), { store: typeof store === 'string' ? store : (model) => storeOf(t, model), ...options }, server)
}

function storeOf (t: Test, model: Model): Store {
  const store = newStore(t, model)
  if (typeof store === 'string') throw new Error('a store, and no URL')
  return store
}

/** Follows `next` from a path to the last page; `between` is called before each page but the first. */
export async function pages (app: FastifyInstance, path: string, between: (number: number) => Promise<unknown> = async () => {}) {
  const found: Record<string, unknown>[][] = []
  for (let next: string | undefined = path; next !== undefined;) {
    const { body } = await call(app, `GET ${next}`)
    found.push(body.programming_languages)
    next = body.next
    if (next !== undefined) await between(found.length)
  }
  return found
}

export const LANGUAGE = { name: 'Simula 67', publication_year: 1967, contribution: 'classes' }
