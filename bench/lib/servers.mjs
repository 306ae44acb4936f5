import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { join } from 'node:path'

export const BENCH = fileURLToPath(new URL('..', import.meta.url))

const peer = (file) => join(BENCH, 'peers', file)

const python = join(BENCH, '.venv/bin/python')

/** What is timed of a server whose records live elsewhere than in its memory. */
const OF_STORES = ['view', 'create']

/**
 * What is compared: each with the command that starts it on a given Node.js, with so many records. One with a `place`
 * gets a new one of that kind, and is timed in `operations` alone. One with `workers` has so many processes and cores.
 */
export const SERVERS = [
  { name: 'bare', title: 'node:http', command: ({ node }) => [node, peer('bare.mjs')] },
  { name: 'product', title: 'this API', command: productCommand },
  { name: 'lmdb', title: 'this API, LMDB', place: 'folder', operations: OF_STORES, command: productCommand },
  { name: 'workers', title: 'this API, LMDB, two workers', place: 'folder', operations: OF_STORES, workers: 2, command: productCommand },
  { name: 'postgres', title: 'this API, PostgreSQL', place: 'database', operations: OF_STORES, command: productCommand },
  { name: 'query', title: 'node:http, one query', place: 'database', operations: OF_STORES, command: ({ node }) => [node, peer('query.mjs')] },
  { name: 'fastify', title: 'Fastify', command: ({ node }) => [node, peer('fastify.mjs')] },
  { name: 'hono', title: 'Hono', command: ({ node }) => [node, peer('hono.mjs')] },
  { name: 'express', title: 'Express', command: ({ node }) => [node, peer('express.mjs')] },
  {
    name: 'uvicorn',
    title: 'FastAPI, uvicorn',
    python: true,
    command: ({ port }) => [python, '-m', 'uvicorn', 'fastapi_app:app', '--host', '127.0.0.1', '--port', String(port), '--log-level', 'warning', '--no-access-log']
  },
  {
    name: 'hypercorn',
    title: 'FastAPI, hypercorn',
    python: true,
    // No workers: it serves in the process itself, so that there is one process to count and to end.
    command: ({ port }) => [python, '-m', 'hypercorn', 'fastapi_app:app', '--bind', `127.0.0.1:${port}`, '--workers', '0', '--log-level', 'warning']
  }
]

/** Only for the start-up. */
export const SWAGGER = { name: 'swagger', title: 'Fastify with its documentation alone', command: ({ node }) => [node, peer('swagger.mjs')] }

/** As `npm start` runs it, on another Node.js; where the records are not the eight, what is run is no program of the product. */
function productCommand ({ node, product, records }) {
  const { scripts: { start } } = JSON.parse(readFileSync(join(product, 'package.json'), 'utf8'))
  const [, ...options] = start.split(' ')
  const program = join(product, options.pop())
  return [node, ...options, records === 8 ? program : peer('product.mjs')]
}

/** Those that the product must be faster than: neither itself nor the limit, and with the records in memory as it has them. */
export const PEERS = SERVERS.filter(({ name, place }) => name !== 'bare' && name !== 'product' && place === undefined).map(({ name }) => name)

/** Whether an operation is timed of a server. */
export const has = ({ operations }, { name }) => operations?.includes(name) ?? true
