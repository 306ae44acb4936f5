/** Choices that a seed repeats. */
export interface Random {
  /** An integer from 0 up to, but not including, this one. */
  below (bound: number): number
  pick<T> (list: readonly [T, ...T[]]): T
  /** Whether what happens this often, from 0 to 1, happens now. */
  chance (probability: number): boolean
}

/** The same choices for the same seed; each part of a run has a seed of its own, so that none depends on the timing of another. */
export function createRandom (...seed: readonly number[]): Random {
  let state = seed.reduce((mixed, part) => mix(mixed ^ part), 0x9e3779b9)
  return choose(() => {
    state = (state + 0x6d2b79f5) | 0
    return mix(state) / 2 ** 32
  })
}

/** Choices by numbers from 0 up to, but not including, 1. */
export function choose (next: () => number): Random {
  const below = (bound: number) => Math.floor(next() * bound)
  return {
    below,
    pick: ([first, ...rest]) => {
      const chosen = below(rest.length + 1)
      return rest[chosen - 1] ?? first
    },
    chance: (probability) => next() < probability
  }
}

/** The finalizer of MurmurHash3: each bit of what goes in changes half of those that come out. */
function mix (bits: number): number {
  let mixed = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}
