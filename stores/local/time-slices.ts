import type { Awaitable } from '../store.js'

// Long work shares the event loop with everything else that the process does: it is done in slices, and between two of
// them others are served.

/** How long, in milliseconds, one slice may take, and all slices in one turn of the event loop. */
const SLICE = 2
const SHARE = 10

/** Unfinished works: each call does a slice, and says whether all is done. New works are at the front, those that go on at the back. */
const waiting: (() => boolean)[] = []

/**
 * Does some work that may be long: `work` yields wherever others may come in. What fits into one slice is done at once,
 * where nobody waits, and costs no promise.
 */
export function inSlices<T> (work: Generator<void, T>): Awaitable<T> {
  const first = waiting.length > 0 ? undefined : slice(work)
  if (first?.done === true) return first.value
  return new Promise((resolve, reject) => {
    if (waiting.length === 0) setImmediate(takeTurn)
    waiting.unshift(() => {
      try {
        const result = slice(work)
        if (result.done === true) resolve(result.value)
        return result.done === true
      } catch (error) {
        reject(error)
        return true
      }
    })
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
    const proceed = waiting.shift()
    if (proceed?.() === false) waiting.push(proceed)
  } while (waiting.length > 0 && performance.now() < end)
  if (waiting.length > 0) setImmediate(takeTurn)
}
