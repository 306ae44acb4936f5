/** How long, in seconds, a server may take to start, or to give an answer. */
export const PATIENCE = 60

/** Thrown where a server is merely slow: its cell of the table says so, and the run goes on. */
export class Slow extends Error {
  constructor (what = 'no answer') {
    super(`${what} in ${PATIENCE} s`)
  }
}
