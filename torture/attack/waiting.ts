import { closeSync, openSync, readSync } from 'node:fs'

/** What a process waits for the machine, so that it need not be taken for what it waits for itself. */
export interface Waiting {
  /** For how many milliseconds so far its main thread was ready to run and had no processor; always 0 where the system does not say it. */
  soFar (): number
  close (): void
}

const NANOSECONDS = 1e6

export function watchWaiting (pid: number): Waiting {
  const file = open(`/proc/${pid}/schedstat`)
  const bytes = Buffer.alloc(100)
  return { soFar, close: () => { if (file !== undefined) closeSync(file) } }

  function soFar (): number {
    try {
      const length = file === undefined ? 0 : readSync(file, bytes, 0, bytes.length, 0)
      const [, waited = 0] = bytes.toString('latin1', 0, length).split(' ').map(Number)
      return waited / NANOSECONDS
    } catch {
      // The process has ended.
      return 0
    }
  }
}

function open (path: string): number | undefined {
  try {
    return openSync(path, 'r')
  } catch {
    return undefined
  }
}
