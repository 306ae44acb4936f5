import { once } from 'node:events'
import type { Server } from '../program.js'

export const HEARTBEAT = 'torture/attack/heartbeat'

/** For how many milliseconds, at most, a server's event loop was blocked since this was asked before. */
export async function longestBlock ({ child, ended }: Server): Promise<number> {
  if (!child.connected) throw new Error(`the server ended with ${await ended}`)
  child.send('how long?')
  const gone = ended.then((code) => { throw new Error(`the server ended with ${code}`) })
  const [milliseconds] = await Promise.race([once(child, 'message'), gone])
  return milliseconds
}
