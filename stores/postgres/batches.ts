import type { Awaitable } from '../store.js'
import { mayPassAlone } from './connections.js'

/** How requests of one kind are answered. */
export interface Work<Request, Result> {
  /** Answers one. */
  alone (request: Request): Promise<Result>
  /** Does what several ask for in one step, or nothing of it. Gives the function that tells what came of each, by its place among them; it is called when the next batch has been sent. */
  together (requests: readonly Request[]): Promise<(request: Request, place: number) => Awaitable<Result>>
  /** How many characters a record may have now, by those that came last. */
  sizeOfRecord (): number
}

interface Waiting<Request, Result> {
  readonly request: Request
  resolve (result: Awaitable<Result>): void
}

/** How many requests a batch has at most: few rows, as those of a list that others need not wait for. */
const MOST_TOGETHER = 100

/** How many characters their records may have together: what a process has room for, and a database sends or writes within its time. */
const MOST_CHARACTERS = 4 * 1024 * 1024

/** How long, in milliseconds, the next batch waits for the one under way: what takes longer waits for a lock, or for a connection. */
const PATIENCE = 20

/**
 * Makes the function that answers requests of one kind. It gathers those that come while a batch of others is under way, for the next one: where none
 * is, a request begins at once, so that none waits for what may never come. A batch that fails as a whole, so that nothing of it has happened, is
 * tried one by one: each request has the outcome that it would have alone.
 */
export function createBatches<Request, Result> ({ alone, together, sizeOfRecord }: Work<Request, Result>): (request: Request) => Promise<Result> {
  const waiting: Waiting<Request, Result>[] = []
  let current: NodeJS.Timeout | undefined

  return (request) => new Promise((resolve) => {
    waiting.push({ request, resolve })
    if (current === undefined) begin()
  })

  function begin (): void {
    const batch = waiting.splice(0, Math.max(1, Math.min(MOST_TOGETHER, Math.floor(MOST_CHARACTERS / sizeOfRecord()))))
    const timer = current = setTimeout(end, PATIENCE)
    if (batch.length > 1) void answerTogether(batch, end)
    else for (const { request, resolve } of batch) resolve(alone(request).finally(end))

    function end (): void {
      if (current !== timer) return
      clearTimeout(timer)
      current = undefined
      if (waiting.length > 0) begin()
    }
  }

  async function answerTogether (batch: readonly Waiting<Request, Result>[], end: () => void): Promise<void> {
    const outcomeOf = await together(batch.map(({ request }) => request)).catch((error: unknown) => mayPassAlone(error) ? alone : () => Promise.reject(error))
    end()
    // The answers take their time: the next batch is sent before them (7,130 creates a second in place of 6,530, where statements that are sent one by one reach 3,930).
    setImmediate(() => {
      batch.forEach(({ request, resolve }, place) => { resolve((async () => outcomeOf(request, place))()) })
    })
  }
}
