import { readFileSync } from 'node:fs'

export interface MemoryWatch {
  /** Ends, and says by how many MB the process grew at most since the beginning. */
  end (): number
}

const INTERVAL = 20

/** Watches the memory of a process. */
export function watchMemory (pid: number): MemoryWatch {
  const begin = megabytesOf(pid) ?? 0
  let most = begin
  const look = () => { most = Math.max(most, megabytesOf(pid) ?? 0) }
  const timer = setInterval(look, INTERVAL)

  return {
    end () {
      clearInterval(timer)
      look()
      return most - begin
    }
  }
}

/**
 * The resident memory of a process that is its own. The pages of files that it has mapped are not counted, as those of LMDB: the
 * system has them in its cache for as long as nobody needs the room. Undefined where the process has ended.
 */
function megabytesOf (pid: number): number | undefined {
  try {
    const [, kilobytes] = /RssAnon:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
    return kilobytes === undefined ? undefined : Number(kilobytes) / 1024
  } catch {
    return undefined
  }
}
