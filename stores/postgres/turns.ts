import { StoreUnavailable } from '../store.js'

/** The works on one thing: how many run, and those that wait, in the order in which they came. */
interface Queue {
  running: number
  readonly waiting: Set<() => void>
}

/**
 * Lets at most `most` works on one thing run at the same time. The others wait for their turn, and fail with a
 * `StoreUnavailable` where it has not come in `patience` milliseconds, or at once where `mostWaiting` wait already.
 */
export function createTurns<Thing> (most: number, patience: number, mostWaiting = Infinity) {
  const queues = new Map<Thing, Queue>()

  return async function inTurn<T> (thing: Thing, work: () => Promise<T>): Promise<T> {
    const queue = queues.get(thing) ?? { running: 0, waiting: new Set() }
    queues.set(thing, queue)
    if (queue.running < most) queue.running++
    else if (queue.waiting.size < mostWaiting) await turnIn(queue)
    else throw tooMany()
    try {
      return await work()
    } finally {
      const [next] = queue.waiting
      if (next !== undefined) next()
      else if (--queue.running === 0) queues.delete(thing)
    }
  }

  /** Resolves when one of the running gives its place away. */
  function turnIn ({ waiting }: Queue): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        waiting.delete(begin)
        reject(tooMany())
      }, patience)
      waiting.add(begin)

      function begin (): void {
        clearTimeout(timer)
        waiting.delete(begin)
        resolve()
      }
    })
  }
}

const tooMany = () => new StoreUnavailable('too many wait for the same')
