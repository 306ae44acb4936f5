import { must } from './disagreement.js'

/** What a language was made to be by one write; its text is empty when it is gone. */
export interface State {
  /** How many writes came before. */
  readonly version: number
  readonly text: string
}

/** What clients know of one language. */
export interface History {
  /** The last state that was acknowledged, or read. */
  readonly known: State
  /** Says that a write which makes this state is under way. */
  begin (state: State): void
  /** Says that this state was not made, nor ever will be. */
  refuse (state: State): void
  /** Says that a client was told of this state, in answer to a write or a read. Throws where there was another of its version. */
  learn (state: State): void
  /** The state with this text, which is known or under way. Throws where no client ever made it. */
  find (text: string): State
  /** Says what is there after a restart. Throws where that cannot be. */
  settle (text: string): void
}

export function createHistory (id: number, first: State): History {
  let known = first
  /** By version: there was never more than one of each. */
  const made = new Map([[first.version, first]])
  const begun = new Set<State>()

  return {
    get known () {
      return known
    },

    begin: (state) => { begun.add(state) },
    refuse: (state) => { begun.delete(state) },
    learn,

    find (text) {
      const state = [...begun, ...made.values()].find((state) => state.text === text)
      must(state !== undefined, () => `language ${id} is what nobody made of it: ${text}`)
      return state
    },

    settle (text) {
      const possible = [known, ...[...begun].filter(({ version }) => version > known.version)]
      const state = possible.find((state) => state.text === text)
      must(state !== undefined, () => `language ${id} is ${text || 'gone'}, but must be ${possible.map(({ text }) => text || 'gone').join(' or ')}`)
      learn(state)
      begun.clear()
    }
  }

  function learn (state: State): void {
    const other = made.get(state.version) ?? state
    must(other.text === state.text, () => `of language ${id}, two writes made version ${state.version}: ${other.text} and ${state.text}`)
    made.set(state.version, state)
    begun.delete(state)
    if (state.version > known.version) known = state
  }
}
