import type { Answer, Request } from './connection.js'
import { must } from './disagreement.js'
import { createHistory, type History, type State } from './history.js'

/** A write with an Idempotency-Key, as its client remembers it. */
export interface Attempt {
  readonly request: Request
  /** What it makes of its language: the text, but for a create without the id. */
  readonly state: State
  /** The id of the language, once it is known. */
  id: number | undefined
  /** Undefined where none came. */
  answer: Answer | undefined
}

/** What all clients know together. */
export interface Knowledge {
  readonly histories: ReadonlyMap<number, History>
  /** Those with a key since the last restart. */
  readonly attempts: readonly Attempt[]
  /** How many answers there were since the last restart. */
  answers: number
  remember (attempt: Attempt): void
  /** Says that a language was given this id. Throws where another was before. */
  give (id: number, state: State): History
  /** Compares an entity-tag with those of the same content and of other content. */
  checkTag (tag: unknown, text: string): void
  /** The entity-tag of a text that was in an answer. */
  tagOf (text: string): string
  /** Forgets the attempts and the number of answers. */
  startRound (): void
}

export function createKnowledge (): Knowledge {
  const histories = new Map<number, History>()
  const tags = new Map<string, string>()
  let attempts: Attempt[] = []

  return {
    histories,
    answers: 0,

    get attempts () {
      return attempts
    },

    remember: (attempt) => { attempts.push(attempt) },

    give (id, state) {
      must(!histories.has(id), () => `the id ${id} was given twice: to ${histories.get(id)?.known.text || 'one that is gone'}, and to ${state.text}`)
      const history = createHistory(id, state)
      histories.set(id, history)
      return history
    },

    checkTag (tag, text) {
      must(typeof tag === 'string' && tag !== '', () => `there is no ETag with ${text}`)
      const before = tags.get(text) ?? tag
      must(before === tag, () => `the ETag of ${text} was ${before}, and is ${tag}`)
      const tagged = tags.get(tag) ?? text
      must(tagged === text, () => `the ETag ${tag} has two texts: ${tagged} and ${text}`)
      tags.set(text, tag).set(tag, text)
    },

    tagOf: (text) => tags.get(text) ?? '',

    startRound () {
      attempts = []
      this.answers = 0
    }
  }
}

/** The text of a created language; the server puts the id before what the client sent. */
export const withId = (id: number, fields: string): string => `{"id":${id},${fields.slice(1)}`
