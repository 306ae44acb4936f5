import { choose, type Random } from '../random.js'

/** What was chosen, as numbers from 0 up to, but not including, 1: the same numbers make the same. */
export type Choices = readonly number[]

/** Makes something by choices that were made before and, where they do not suffice, by new ones. Says which were made in all. */
export function makeBy<T> (choices: Choices, random: Random, make: (random: Random) => T): { made: T, choices: Choices } {
  const used: number[] = []
  const next = () => {
    const number = choices[used.length] ?? random.below(PARTS) / PARTS
    used.push(number)
    return number
  }
  return { made: make(choose(next)), choices: used }
}

/** The same choices but for some, or for all from one on. */
export function change (choices: Choices, random: Random): Choices {
  if (random.chance(0.2)) return choices.slice(0, random.below(choices.length))
  return choices.map((number) => random.chance(2 / choices.length) ? random.below(PARTS) / PARTS : number)
}

const PARTS = 2 ** 30
