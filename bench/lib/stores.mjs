import { chmodSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'

/** Makes the places where the records live of those servers that keep them elsewhere: each start gets a new one. */
export async function openStores (servers, folder) {
  let count = 0
  const postgres = servers.some(({ place }) => place === 'database') ? await startDatabases(folder) : undefined
  const places = {
    folder: async () => `lmdb:${join(folder, `records-${count++}`)}`,
    database: () => postgres.create(`records_${count++}`)
  }
  return {
    /** The URL of a new place for a server; undefined for one that needs none. */
    urlFor: async ({ place }) => places[place]?.(),
    close: () => postgres?.stop()
  }
}

/** A PostgreSQL server of the run's own, on the core of the load; it flushes what is written, as it does by default. */
async function startDatabases (folder) {
  const { startPostgres } = await import('../../test/embedded-postgres.ts')
  const place = join(folder, 'postgres')
  // The server does not run as root, if this does.
  chmodSync(folder, 0o755)
  mkdirSync(place)
  const { url, createDatabase, stop } = await startPostgres(place)
  return {
    async create (name) {
      await createDatabase(name)
      return url.replace(/\w+$/, name)
    },
    stop
  }
}
