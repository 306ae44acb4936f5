import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import type { Test } from 'tap'
import { model } from '../app.js'
import { openPostgresStore } from '../stores/open.js'
import type { Store } from '../stores/store.js'
import type { NewStore } from './build.js'
import { startPostgres } from './embedded-postgres.js'

const PASSWORD = 'not: to/be @shown'

/** A PostgreSQL server of its own, gone with the test, and with it what its power would lose. */
export async function startServer (t: Test) {
  const folder = await mkdtemp(join(tmpdir(), 'postgres-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const server = await startPostgres(folder, { password: PASSWORD, flags: ['-c', 'fsync=off'] })
  t.teardown(server.stop)
  return server
}

/** Where fresh databases come from: the server that TEST_POSTGRES_URL names, or one of its own. */
export async function openDatabases (t: Test) {
  const url = process.env.TEST_POSTGRES_URL ?? (await startServer(t)).url
  const client = new pg.Client(url)
  await client.connect()
  const made: string[] = []
  t.teardown(async () => {
    for (const name of made) await client.query(`drop schema ${name} cascade`)
    await client.end()
  })

  /** The URL of a database without tables: of a new schema, which is made faster than a database. */
  async function fresh (parameters: Readonly<Record<string, string>> = {}): Promise<string> {
    const name = `test_${process.pid}_${made.length}`
    made.push(name)
    await client.query(`create schema ${name}`)
    const found = new URL(url)
    for (const [key, value] of Object.entries({ options: `-c search_path=${name}`, ...parameters })) found.searchParams.set(key, value)
    return found.href.replaceAll('+', '%20')
  }

  return { fresh }
}

/** A new store of each kind that HTTP tests ask for, in databases that `fresh` gives. */
export function storeIn (fresh: (parameters: Readonly<Record<string, string>>) => Promise<string>): NewStore {
  return (t, of = model) => {
    // Few connections, and none for long, as one test may open many stores; a thousand requests may wait for them, on a machine that may have much else to do.
    const opening = fresh({ max: '3', idleTimeoutMillis: '50', connectionTimeoutMillis: '60000' }).then((url) => openPostgresStore(url, of))
    t.teardown(async () => (await opening).close())
    return whenOpen(opening)
  }
}

/** Runs SQL as people do. */
export async function runSql (url: string, text: string, values: unknown[] = []) {
  const client = new pg.Client(url)
  await client.connect()
  try {
    return (await client.query(text, values)).rows
  } finally {
    await client.end()
  }
}

/**
 * A way to a server that can be cut: from where `pass` says no to what a client sends, it gets no answer. A text in its place is what
 * the client is told by an error, at the end of the connection; bytes are what the server gets.
 */
export async function startProxy (t: Test, url: string, pass: (sent: string) => boolean | string | Buffer, port = 0) {
  const target = new URL(url)
  const proxy = createServer((client) => {
    const server = connect(Number(target.port), target.hostname)
    let open = true
    client.on('data', (chunk) => {
      const passed = open && pass(chunk.toString('latin1'))
      open = passed === true || passed instanceof Buffer
      if (typeof passed === 'string') client.end(errorMessage(passed))
      else server.write(passed instanceof Buffer ? passed : chunk)
    })
    server.on('data', (chunk) => { if (open) client.write(chunk) })
    client.on('error', () => {}).on('close', () => server.destroy())
    server.on('error', () => {}).on('close', () => client.destroy())
  }).listen(port, '127.0.0.1')
  await once(proxy, 'listening')
  t.teardown(() => proxy.close())
  const found = new URL(url)
  found.host = `127.0.0.1:${(proxy.address() as AddressInfo).port}`
  return found.href
}

/** A store that is being opened, as one that can be used. */
export function whenOpen (opening: Promise<Store>): Store {
  return {
    get: async (...args) => (await opening).get(...args),
    list: async (...args) => (await opening).list(...args),
    create: async (...args) => (await opening).create(...args),
    count: async (...args) => (await opening).count(...args),
    update: async (...args) => (await opening).update(...args),
    put: async (...args) => (await opening).put(...args),
    delete: async (...args) => (await opening).delete(...args),
    seed: async (...args) => (await opening).seed(...args),
    ping: async () => (await opening).ping(),
    close: async () => (await opening).close()
  }
}

/** An ErrorResponse of PostgreSQL's protocol. */
function errorMessage (text: string): Buffer {
  const fields = Buffer.from(`SFATAL\0C08P01\0M${text}\0\0`)
  const head = Buffer.from('E....')
  head.writeInt32BE(fields.length + 4, 1)
  return Buffer.concat([head, fields])
}
