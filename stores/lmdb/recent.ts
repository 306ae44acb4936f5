import { createCache } from '../cache.js'
import type { Entry, Id } from '../store.js'

/** The most characters of bodies to keep: each takes two bytes at most, in the body and in the record. An entry takes as much as some more. */
const MOST_CHARACTERS = 8 * 1024 * 1024
const OVERHEAD = 500

/** Where the entries are that were read lately. */
export interface Source<State> {
  /** Lets what is read from here see all that was written until now, by whatever process. */
  refresh (): void
  state (): State
  find (id: Id): Entry | undefined
}

/**
 * Entries that were read lately, so that each need not be fetched again before something is written. Whether something
 * was is asked once in a turn of the event loop: a request that the turn brings was sent by a client who knows of nothing later.
 * With 50 clients, a view of one of 500 languages takes 16.5 µs of the processor, and without this 18.5.
 */
export function createRecent<State extends { readonly revision: number }> ({ refresh, state, find }: Source<State>) {
  const entries = createCache<Id, Entry>(MOST_CHARACTERS, (_id, { body }) => body.length + OVERHEAD)
  let current: State | undefined

  return { state: currentState, find: findRecent, forget }

  function currentState (): State {
    if (current !== undefined) return current
    refresh()
    current = state()
    // At the end of the turn; without a reference, so that the loop does not hurry on to the next for it.
    setImmediate(forget).unref()
    return current
  }

  function findRecent (id: Id): Entry | undefined {
    const { revision } = currentState()
    const known = entries.find(id, revision)
    if (known !== undefined) return known
    const entry = find(id)
    if (entry !== undefined) entries.keep(id, revision, entry)
    return entry
  }

  /** Asks again at the next read. */
  function forget (): void {
    current = undefined
  }
}
