import t from 'tap'
import { model } from '../../app.js'
import { openPostgresStore } from '../../stores/open.js'
import { testHttp } from '../build.js'
import { openDatabases, whenOpen } from '../postgres.js'

// What HTTP promises of resources of one's own, on the PostgreSQL store.
t.setTimeout(300_000)
const { fresh } = await openDatabases(t)

await testHttp((t, of = model) => {
  // Few connections, and none for long, as one test may open many stores; a thousand requests may wait for them.
  const opening = fresh({ max: '3', idleTimeoutMillis: '50', connectionTimeoutMillis: '60000' }).then((url) => openPostgresStore(url, of))
  t.teardown(async () => (await opening).close())
  return whenOpen(opening)
}, ['routes/kinds'])
