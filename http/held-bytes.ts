/** Something that keeps bytes in this process, such as a client that reads or sends slowly. */
export interface Holder {
  /** Called where the bytes are needed for others: gives them up. */
  giveUp (): void
}

/**
 * Counts the bytes that are held for clients, and bounds them. Where they are more than `most`, those held longest go first, but
 * none before `patience` milliseconds, unless they are half as many again.
 */
export function createHeldBytes ({ most, patience }: { most: number, patience: number }) {
  // The holders, in the order in which they began to hold.
  const held = new Map<Holder, { readonly bytes: number, readonly since: number }>()
  let total = 0
  return { hold, release, hasRoom }

  /** Notes how many bytes a holder holds now. */
  function hold (holder: Holder, bytes: number): void {
    const { bytes: before, since } = held.get(holder) ?? { bytes: 0, since: performance.now() }
    held.set(holder, { bytes, since })
    total += bytes - before
    makeRoom(1.5 * most, Infinity)
  }

  /** Notes that a holder holds nothing any more. */
  function release (holder: Holder): void {
    total -= held.get(holder)?.bytes ?? 0
    held.delete(holder)
  }

  /** Tells whether more may be held, and makes room first where there is none. */
  function hasRoom (): boolean {
    makeRoom(most, performance.now() - patience)
    return total <= most
  }

  function makeRoom (enough: number, latest: number): void {
    if (total <= enough) return
    for (const [holder, { since }] of held) {
      if (total <= enough || since > latest) return
      release(holder)
      holder.giveUp()
    }
  }
}
