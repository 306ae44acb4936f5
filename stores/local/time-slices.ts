import type { Awaitable } from '../store.js'

// Long work shares the event loop with everything else that the process does: it is done in slices, and between two of
// them others are served.

/** How long, in milliseconds, one slice may take, and all slices in one turn of the event loop. */
const SLICE = 2
const SHARE = 10

/** How many works may be begun at once: each holds what it has found so far. */
const MOST_BEGUN = 16

/** Some unfinished work. */
interface Work {
  /** Does a slice, and says whether all is done. */
  proceed (): boolean
  /** Lets go of what was done, and gives the work as it was before it began. */
  restart (): Work
}

/** The works that have just come, and get a slice first; those that take turns; and those that wait until one of these is done. */
const fresh: Work[] = []
const begun: Work[] = []
const queued: Work[] = []

const areWaiting = () => fresh.length + begun.length + queued.length > 0

/**
 * Does some work that may be long, which yields wherever others may come in. What fits into one slice is done at once,
 * where nobody waits, and costs no promise. What does not may have to `begin` again.
 */
export function inSlices<T> (begin: () => Generator<void, T>): Awaitable<T> {
  let work = begin()
  const first = areWaiting() ? undefined : slice(work)
  if (first?.done === true) return first.value
  return new Promise((resolve, reject) => {
    if (!areWaiting()) setImmediate(takeTurn)
    const self = { proceed, restart }
    if (first === undefined) fresh.push(self)
    else begun.push(self)

    function restart (): Work {
      work = begin()
      return self
    }

    function proceed (): boolean {
      try {
        const result = slice(work)
        if (result.done === true) resolve(result.value)
        return result.done === true
      } catch (error) {
        reject(error)
        return true
      }
    }
  })
}

/** Goes on with some work for one slice of time. */
function slice<T> (work: Generator<void, T>): IteratorResult<void, T> {
  const end = performance.now() + SLICE
  let result = work.next()
  while (result.done !== true && performance.now() < end) result = work.next()
  return result
}

function takeTurn (): void {
  const end = performance.now() + SHARE
  do {
    const work = fresh.pop() ?? begun.shift()
    if (work?.proceed() === false) {
      if (begun.length < MOST_BEGUN) begun.push(work)
      else queued.push(work.restart())
    }
    begun.push(...queued.splice(0, MOST_BEGUN - begun.length))
  } while (areWaiting() && performance.now() < end)
  if (areWaiting()) setImmediate(takeTurn)
}
