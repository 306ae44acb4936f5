/** What must not be: the server and its clients disagree. */
export class Disagreement extends Error {
  constructor (message: string) {
    super(message)
    this.name = 'Disagreement'
  }
}

/** Throws where a condition does not hold. */
export function must (condition: boolean, message: () => string): asserts condition {
  if (!condition) throw new Disagreement(message())
}
