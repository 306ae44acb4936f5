import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { startPostgres } from '../test/embedded-postgres.js'
import type { Ground } from './stores.js'

/** A PostgreSQL of its own, which writes to the disk as it does by default. */
export async function postgres (): Promise<Ground> {
  const folder = await mkdtemp(join(tmpdir(), 'torture-'))
  const { url, data, start, stop } = await startPostgres(folder)
  return {
    url,
    database: { kill: () => killAll(data), restart: start },
    async remove () {
      await stop()
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
