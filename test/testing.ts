import fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify'
import type { Api, ApiOptions } from '../app.js'
import type { CreateStore, RunningTest, TestRunner } from './stores/contract.js'

export type { CreateStore, RunningTest, TestRunner } from './stores/contract.js'

/**
 * Tests that a store keeps the contract of `Store`: `await testStore(test, 'my store', createMyStore)`, with the `test` of node:test or the `t` of tap.
 * Several tests make `numRuns` new stores with random records, or a third as many; default: 200. Needs the package fast-check, which is loaded only here.
 */
export async function testStore (runner: TestRunner, name: string, create: CreateStore, options?: { numRuns?: number }): Promise<void> {
  const contract = await import('./stores/contract.js')
  await contract.testStore(runner, name, create, options)
}

/** An app that has an API, closed after the test: `const app = await buildApp(t, api, { store: createMyStore })`. */
export async function buildApp (t: RunningTest, api: Api, options: ApiOptions & { prefix?: string } = {}, server: FastifyServerOptions = {}): Promise<FastifyInstance> {
  const app = fastify({ forceCloseConnections: true, ...server })
  t.after(() => app.close())
  await app.register(api, options)
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
