/**
 * Keeps what was made of the records of a store at one revision, by keys, and lets go of all of it where the store has another
 * revision, or where it would be larger than `most` all together.
 */
export function createCache<Key, Made> (most: number, sizeOf: (key: Key, made: Made) => number) {
  const kept = new Map<Key, Made>()
  let total = 0
  let current: number | undefined
  return { find, keep }

  /** Returns what has a key, if it was made of this revision. */
  function find (key: Key, revision: number | undefined): Made | undefined {
    if (revision !== current) clear()
    current = revision
    return kept.get(key)
  }

  /** Keeps what was made; not where there is no revision, as of a store that cannot tell of every write, or where it is larger than all may be. */
  function keep (key: Key, revision: number | undefined, made: Made): void {
    if (revision === undefined || revision !== current) return
    const size = sizeOf(key, made)
    if (size > most || kept.has(key)) return
    if (total + size > most) clear()
    total += size
    kept.set(key, made)
  }

  function clear (): void {
    kept.clear()
    total = 0
  }
}
