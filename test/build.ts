import type { FastifyInstance } from 'fastify'
import type { Test } from 'tap'
import type { Store } from '../stores/store.js'
import { createStandalone, type StandaloneOptions } from '../program/standalone.js'

/** Makes a new store, or names one by its URL. */
export type NewStore = (t: Test) => Store | string

let newStore: NewStore = () => 'memory:'

/** Runs the HTTP tests with stores of another kind. */
export async function testHttp (kind: NewStore): Promise<void> {
  newStore = kind
  for (const file of HTTP_TESTS) await import(`./${file}.test.js`)
}

const HTTP_TESTS = [
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

export interface Content {
  headers?: Record<string, string>
  /** Sent as JSON, unless it is text or bytes. */
  body?: unknown
}

/** Sends a request such as `GET /health`; the content type of a body is JSON where no other is named. */
export async function call (app: FastifyInstance, request: string, { headers = {}, body }: Content = {}) {
  const [method = '', url = ''] = request.split(/ (.*)/s)
  const payload = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body)
  const response = await app.inject({
    method: method as 'GET',
    url,
    headers: payload === undefined ? headers : { 'content-type': 'application/json', ...headers },
    ...(payload === undefined ? {} : { payload })
  })
  const text = response.body
  const isJson = /json/.test(String(response.headers['content-type']))
  return { status: response.statusCode, headers: response.headers, text, body: isJson && text !== '' ? JSON.parse(text) : undefined }
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
