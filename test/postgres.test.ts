import t from 'tap'
import { model } from '../app.js'
import { openPostgresStore } from '../stores/postgres.js'
import type { Store } from '../stores/store.js'
import { testHttp } from './build.js'
import { openDatabases } from './postgres.js'

// What HTTP promises, all of it, on the PostgreSQL store.
t.setTimeout(300_000)
const { fresh } = await openDatabases(t)

await testHttp((t) => {
  // Few connections, and none for long, as one test may open many stores.
  const opening = fresh({ max: '3', idleTimeoutMillis: '50' }).then((url) => openPostgresStore(url, model))
  t.teardown(async () => (await opening).close())
  return whenOpen(opening)
})

/** A store that is being opened, as one that can be used. */
function whenOpen (opening: Promise<Store>): Store {
  return {
    get: async (...args) => (await opening).get(...args),
    list: async (...args) => (await opening).list(...args),
    create: async (...args) => (await opening).create(...args),
    update: async (...args) => (await opening).update(...args),
    delete: async (...args) => (await opening).delete(...args),
    seed: async (...args) => (await opening).seed(...args),
    ping: async () => (await opening).ping(),
    close: async () => (await opening).close()
  }
}
