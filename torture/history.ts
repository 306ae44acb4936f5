import { must } from './disagreement.js'

/** What a record was made to be by one write; its text is empty when it is gone. */
export interface State {
  /** How many writes came before; -1 where there was none, and so no record yet. */
  readonly version: number
  readonly text: string
}

/** What clients know of the record at one path, which may be gone for a while. */
export interface History {
  readonly path: string
  /** The name that every version of the record keeps. */
  readonly name: string
  /** The last state that was acknowledged, or read. */
  readonly known: State
  /** This, and those of the writes that are under way. */
  readonly possible: readonly State[]
  /** Says that a write which makes this state is under way. */
  begin (state: State): void
  /** Says that this state was not made, nor ever will be, because of another write. Throws where there was none. */
  refuse (state: State): void
  /** Says that a client was told of this state, in answer to a write or a read. Throws where there was another of its version. */
  learn (state: State): void
  /** The state with this text, which is known or under way. Throws where no client ever made it. */
  find (text: string): State
  /** Says that this state was not made, nor ever will be. */
  withdraw (state: State): void
  /** Says what is there after a restart. Throws where that cannot be. */
  settle (text: string): void
}

export function createHistory (path: string, name: string, first: State): History {
  let known = first
  /** By version: there was never more than one of each. */
  const made = new Map([[first.version, first]])
  const begun = new Set<State>()

  return {
    path,
    name,

    get known () {
      return known
    },

    get possible () {
      return [known, ...begun]
    },

    begin: (state) => { begun.add(state) },
    withdraw: (state) => { begun.delete(state) },
    learn,

    refuse (state) {
      begun.delete(state)
      const others = [...begun, ...made.values()].filter(({ version }) => version >= state.version)
      must(others.length > 0, () => `${path} refuses ${state.text}, but nobody else writes it`)
    },

    find (text) {
      const state = [...begun, ...made.values()].find((state) => state.text === text)
      must(state !== undefined, () => `${path} is what nobody made of it: ${text}`)
      return state
    },

    settle (text) {
      const possible = [known, ...[...begun].filter(({ version }) => version > known.version)]
      const state = possible.find((state) => state.text === text)
      must(state !== undefined, () => `${path} is ${text || 'gone'}, but must be ${possible.map(({ text }) => text || 'gone').join(' or ')}`)
      learn(state)
      begun.clear()
    }
  }

  function learn (state: State): void {
    const other = made.get(state.version) ?? state
    must(other.text === state.text, () => `of ${path}, two writes made version ${state.version}: ${other.text} and ${state.text}`)
    made.set(state.version, state)
    begun.delete(state)
    if (state.version > known.version) known = state
  }
}
