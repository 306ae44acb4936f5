import { Disagreement } from '../disagreement.js'

/** A figure that is worse than it may be. Another try may find a better one, because the machine has other work too. */
export class Excess extends Error {
  constructor (message: string) {
    super(message)
    this.name = 'Excess'
  }
}

/** How many times worse than it may be a figure is that no other work explains. */
const HOPELESS = 3

/** Throws where a figure is above its limit. */
export function atMost (limit: number, figure: number, what: () => string): void {
  if (figure <= limit) return
  const message = `${what()}: ${figure.toPrecision(3)}, and ${limit.toPrecision(3)} at most`
  throw figure > HOPELESS * limit ? new Disagreement(message) : new Excess(message)
}
