import pg from 'pg'
import { messageOf, type ServerLimits } from './connections.js'

/**
 * Tells whether a pooler is in between, such as PgBouncer, that gives each transaction any of its connections to the database.
 * Such a pooler refuses or drops the limits that a connection is to start with. Rejects where no connection can be had.
 */
export async function isShared (config: pg.ClientConfig, limits: ServerLimits): Promise<boolean> {
  const client = new pg.Client({ ...config, ...limits })
  // Without a listener, the process would end where the connection breaks.
  client.on('error', () => {})
  const [answer] = await Promise.allSettled([lockTimeoutOf(client)])
  await client.end()
  if (answer.status === 'fulfilled') return answer.value !== limits.lock_timeout
  if (messageOf(answer.reason).startsWith('unsupported startup parameter')) return true
  throw answer.reason
}

async function lockTimeoutOf (client: pg.Client): Promise<number> {
  await client.connect()
  const { rows: [row] } = await client.query<{ setting: string }>("select setting from pg_settings where name = 'lock_timeout'")
  return Number(row?.setting)
}
