import type { Launch } from '../program.js'

export type Fields = Readonly<Record<string, unknown>>

/** What must be known of a resource, beside its document, to put any text where one can be. */
export interface Subject {
  /** How a server of it is started. */
  readonly launch: Launch
  /** The path of its list, whose one segment is the name of the records too. */
  readonly list: string
  /** A record, which no other has the like of. */
  make (number: number): Fields
  /** Its properties that are text. */
  readonly texts: readonly string[]
  /** A property that holds any object. */
  readonly open?: string
}

/** The resource that ships, and one with every kind of property, which two of its own identify: see test/resources.ts. */
export const SUBJECTS: Readonly<Record<string, Subject>> = {
  languages: {
    launch: {},
    list: '/programming_languages',
    make: (number) => ({ name: `name ${number}`, publication_year: 1967, contribution: 'contribution' }),
    texts: ['name', 'contribution']
  },
  things: {
    launch: { entry: 'torture/things-program', settings: { RESOURCE: 'things' } },
    list: '/things',
    make: (number) => ({ shelf: `shelf ${number}`, place: number, label: 'label', count: 0, rank: null, at: null, note: null }),
    texts: ['shelf', 'label', 'code', 'note'],
    open: 'extra'
  }
}
