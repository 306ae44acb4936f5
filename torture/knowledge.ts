import type { Answer, Request } from './connection.js'
import { must } from './disagreement.js'
import { createHistory, type History, type State } from './history.js'
import type { Fields } from './resource.js'

/** Properties that are unique, and the values that several clients want to have first. */
export interface Claim {
  readonly properties: readonly string[]
  readonly values: Fields
}

/** A write with an Idempotency-Key, as its client remembers it. */
export interface Attempt {
  readonly request: Request
  /** What it makes of its record: the text, but for a create without the id that the server gives. */
  readonly state: State
  /** Of what is unique, what it competes for with others; undefined where it takes what nobody else wants. */
  readonly claim: Claim | undefined
  /** Where the record is, once it is known. */
  path: string | undefined
  /** Undefined where none came. */
  answer: Answer | undefined
}

/** What all clients know together. */
export interface Knowledge {
  /** By their paths. */
  readonly histories: ReadonlyMap<string, History>
  /** Those that all clients write. */
  readonly shared: History[]
  /** How many rounds have begun. */
  round: number
  /** Those with a key since the last restart. */
  readonly attempts: readonly Attempt[]
  /** How many answers there were since the last restart. */
  answers: number
  remember (attempt: Attempt): void
  /** Says that an attempt was refused, and so may be made anew, or never be. */
  forget (attempt: Attempt): void
  /** Says that a record is at this path. Throws where another was before. */
  give (path: string, name: string, state: State): History
  /** What is known of a path whose record clients create themselves, and maybe nobody yet. */
  meet (path: string, name: string): History
  /** Whether another record may have the values of a claim, or be about to get them. */
  mayBeTaken (claim: Claim, except: Attempt): boolean
  /** Compares an entity-tag with those of the same content and of other content. */
  checkTag (tag: unknown, text: string): void
  /** The entity-tag of a text that was in an answer. */
  tagOf (text: string): string
  /** Forgets the attempts and the number of answers. */
  startRound (): void
}

export function createKnowledge (): Knowledge {
  const histories = new Map<string, History>()
  const tags = new Map<string, string>()
  let attempts: Attempt[] = []

  return {
    histories,
    shared: [],
    round: 0,
    answers: 0,

    get attempts () {
      return attempts
    },

    remember: (attempt) => { attempts.push(attempt) },
    forget: (attempt) => { attempts = attempts.filter((other) => other !== attempt) },
    give,
    meet: (path, name) => histories.get(path) ?? give(path, name, { version: -1, text: '' }),

    mayBeTaken ({ values }, except) {
      const rivals = attempts.filter((other) => other !== except && other.answer === undefined && other.claim !== undefined && has(other.claim.values, values))
      const others = [...histories.values()].filter(({ path }) => path !== except.path)
      return rivals.length > 0 || others.some(({ possible }) => possible.some(({ text }) => text !== '' && has(JSON.parse(text), values)))
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
      this.round++
      attempts = []
      this.answers = 0
    }
  }

  function give (path: string, name: string, state: State): History {
    must(!histories.has(path), () => `${path} was given twice: to ${histories.get(path)?.known.text || 'one that is gone'}, and to ${state.text}`)
    const history = createHistory(path, name, state)
    histories.set(path, history)
    return history
  }
}

const has = (record: Fields, values: Fields): boolean => Object.entries(values).every(([property, value]) => record[property] === value)
