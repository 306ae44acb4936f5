import type { RootDatabase } from 'lmdb'
import { StoreUnavailable, type Awaitable } from '../store.js'

/** What is called within a transaction, before and after all of its work, and once it is on the disk. */
interface Around {
  begin? (): void
  end? (): void
  onFlush? (): void
}

interface Job {
  /** Does the work; gives the function that tells the outcome to who waits for it. */
  run (): () => void
  reject (reason: unknown): void
}

/**
 * Makes the function that does some work in a write transaction, of which there is one at a time among all processes. All work of this
 * writer that comes before a transaction begins shares it.
 */
export function createWriter (environment: RootDatabase, { begin, end, onFlush }: Around = {}) {
  let waiting: Job[] = []

  return <T>(work: () => Awaitable<T>): Promise<T> => new Promise((resolve, reject) => {
    if (waiting.push({ run: () => attempt(work, resolve, reject), reject }) === 1) void commit(waiting)
  })

  async function commit (jobs: Job[]): Promise<void> {
    try {
      const outcomes = await environment.transaction(() => {
        waiting = []
        begin?.()
        const outcomes = jobs.map(({ run }) => run())
        end?.()
        return outcomes
      })
      onFlush?.()
      for (const tell of outcomes) tell()
    } catch (cause) {
      // lmdb has the reason, which it logs, in a promise of its own: where nobody handles its rejection, the process ends.
      void Promise.allSettled([(cause as { commitError?: unknown }).commitError])
      const error = cause instanceof StoreUnavailable ? cause : new StoreUnavailable('what was written did not reach the disk', { cause })
      // Where the transaction never began, `waiting` is still this list: emptied, it lets the next work begin another.
      for (const { reject } of jobs.splice(0)) reject(error)
    }
  }
}

/** Catches what the work throws, so that the transaction, which others share, goes on. This is safe, because work decides before it writes. */
function attempt<T> (work: () => T, resolve: (result: T) => void, reject: (reason: unknown) => void): () => void {
  try {
    const result = work()
    return () => { resolve(result) }
  } catch (error) {
    return () => { reject(error) }
  }
}
