import pg from 'pg'
import { messageOf, type ServerLimits } from './connections.js'

/**
 * Whether there is a pooler in between, as PgBouncer, that gives each transaction any connection to the database. It refuses
 * limits that a connection is to start with, or drops them. Rejects where there is no connection to be had.
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
