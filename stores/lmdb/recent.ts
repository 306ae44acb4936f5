import type { Entry, Id } from '../store.js'

/** How many characters of bodies are enough to keep: each takes two bytes at most, in the body and in the record. An entry takes as much as some more. */
const ENOUGH = 8 * 1024 * 1024
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
  const entries = new Map<Id, Entry>()
  let characters = 0
  let current: State | undefined
  let revision: number | undefined

  return { state: currentState, find: findRecent, forget }

  function currentState (): State {
    if (current !== undefined) return current
    refresh()
    const now = state()
    if (now.revision !== revision) clear()
    revision = now.revision
    current = now
    // At the end of the turn; without a reference, so that the loop does not hurry on to the next for it.
    setImmediate(forget).unref()
    return now
  }

  function findRecent (id: Id): Entry | undefined {
    currentState()
    const known = entries.get(id)
    if (known !== undefined) return known
    const entry = find(id)
    if (entry === undefined) return undefined
    if (characters > ENOUGH) clear()
    characters += entry.body.length + OVERHEAD
    entries.set(id, entry)
    return entry
  }

  function clear (): void {
    entries.clear()
    characters = 0
  }

  /** Asks again at the next read. */
  function forget (): void {
    current = undefined
  }
}
