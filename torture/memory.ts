import { readFileSync } from 'node:fs'
import type { Server } from './program.js'

/** The preload of a server that is to be asked. */
export const HEAP = 'torture/heap'

/** The bytes that a process holds after a collection. */
export interface Memory {
  readonly heap: number
  /** Outside of the heap, as buffers. */
  readonly external: number
  readonly resident: number
}

/** Asks each process of a server what it holds, by its id: the one that was started first. */
export async function memoryOf (server: Server): Promise<ReadonlyMap<number, Memory>> {
  const held = new Map<number, Memory>()
  for (const pid of [server.pid, ...childrenOf(server.pid)]) held.set(pid, await ask(server, pid))
  return held
}

const childrenOf = (pid: number): number[] => readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)

function ask ({ child, ended }: Server, pid: number): Promise<Memory> {
  return new Promise((resolve, reject) => {
    const look = (chunk: Buffer) => {
      const [, found] = new RegExp(`memory of ${pid}: (.*)\n`).exec(String(chunk)) ?? []
      if (found === undefined) return
      child.stdout?.off('data', look)
      resolve(JSON.parse(found))
    }
    child.stdout?.on('data', look)
    ended.then((code) => reject(new Error(`the server ended with ${code}`)))
    process.kill(pid, 'SIGWINCH')
  })
}
