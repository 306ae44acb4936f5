import t from 'tap'
import { model } from '../../app.js'
import { openPostgresStore } from '../../stores/open.js'
import { testHttp } from '../build.js'
import { hasPgbouncer, startPgbouncer } from '../pgbouncer.js'
import { runSql, startServer, whenOpen } from '../postgres.js'

/** More than the tests make stores. */
const SCHEMAS = Array.from({ length: 400 }, (_, i) => `schema_${i}`)

if (hasPgbouncer) await testThrough()
else t.comment('skipped: there is no pgbouncer on this machine')

/** What HTTP promises, all of it, on the PostgreSQL store behind PgBouncer. */
async function testThrough () {
  const { url } = await startServer(t)
  await runSql(url, SCHEMAS.map((schema) => `create schema ${schema};`).join(''))
  const through = await startPgbouncer(t, url, 'server_idle_timeout = 1', SCHEMAS)
  let count = 0

  await testHttp((t, of = model) => {
    const found = new URL(through(url))
    found.pathname = String(SCHEMAS[count++])
    found.search = 'max=3&idleTimeoutMillis=50'
    const opening = openPostgresStore(found.href, of)
    t.teardown(async () => (await opening).close())
    return whenOpen(opening)
  })
}
