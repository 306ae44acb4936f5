import type { Filter, Resource } from './resource.js'

/** The content of a language. */
export type Fields = Readonly<{ name: string, publication_year: number, contribution: string }>

export const LIST = '/programming_languages'
export const pathOf = (id: number): string => `${LIST}/${id}`

/** The resource that ships, whose records the server counts. */
export const languages: Resource = {
  list: LIST,
  plural: 'programming_languages',
  launch: {},
  kept: ['name'],
  unique: [],
  sorts: ['-id', 'name', '-publication_year,name', 'contribution'],
  makeFields,
  makeUnique: () => ({}),
  toBody: (fields) => fields,
  nameOf: ({ name }) => String(name).split(':', 1)[0] ?? '',
  pathOf: ({ id }) => pathOf(Number(id)),

  strangers (paths) {
    const ids = paths.map((path) => Number(path.slice(LIST.length + 1)))
    const all = Array.from({ length: Math.max(...ids) + 3 }, (_, id) => pathOf(id))
    return all.filter((path) => !paths.includes(path))
  },

  filters (records, random) {
    const low = random.below(9000)
    const high = low + 1 + random.below(1000)
    const names = Array.from({ length: 20 }, () => String(records[random.below(records.length)]?.name))
    return [
      [`after_year=${low}&before_year=${high}`, ({ publication_year: year }) => Number(year) > low && Number(year) < high],
      ...names.map((asked): Filter => [`name=${encodeURIComponent(asked)}`, ({ name }) => name === asked])
    ]
  }
}

/** Texts are of many lengths, so that some fill pages of their own. */
export function makeFields (name: string, version: number, writer: string): Fields {
  const contribution = `version ${version} of ${name} by ${writer}`
  return { name: `${name}: ${version} by ${writer}`, publication_year: yearOf(contribution), contribution: contribution.padEnd(lengthOf(contribution), '.') }
}

const yearOf = (text: string): number => 1 + digest(text) % 9999
const lengthOf = (text: string): number => digest(text) % 5 === 0 ? digest(text) % 2000 : 0

function digest (text: string): number {
  return [...Buffer.from(text)].reduce((sum, byte) => (sum * 31 + byte) % 1_000_003, 7)
}
