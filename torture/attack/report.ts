/** How a second client fared. */
export interface Report {
  answers: number
  /** How many of them were 503, with `Retry-After`. */
  busy: number
  /** The request that took longest, in milliseconds, but for what both processes waited for a processor. */
  slowest: { took: number, what: string }
  /** What must not be. */
  readonly faults: string[]
}

export function newReport (): Report {
  return { answers: 0, busy: 0, slowest: { took: 0, what: 'nothing' }, faults: [] }
}

/** What it is told: where to begin, or to end. */
export interface Invitation {
  readonly address?: string
  /** The process that serves there. */
  readonly pid?: number
  /** Whether it asks for lists too. */
  readonly lists?: boolean
}

/** What it says: after the beginning, whether it could; after the end, how it fared. */
export interface Word {
  readonly failure?: string | undefined
  readonly report: Report
}
