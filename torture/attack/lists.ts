import { createConnection } from '../connection.js'
import { must } from '../disagreement.js'
import { LIST, type Fields } from '../languages.js'
import type { Attack } from './attack.js'
import { beside } from './beside.js'
import { makeRecords } from './records.js'

type Language = Fields & { readonly id: number }
type Compare = (a: Language, b: Language) => number

/** Every filter in every order: those that agree, those that have nothing to do with each other, and those that exclude each other. */
export const lists: Attack = {
  name: 'lists by every filter in every order, of many records',
  run: beside(async ({ server, many, short }) => {
    const languages = makeRecords(many).map((fields, id) => ({ id, ...fields }))
    const connection = createConnection(server.address, PATIENCE)
    let slowest = { took: 0, query: '' }
    let asked = 0
    for (const [sort, compare] of ORDERS) {
      languages.sort(compare)
      for (const [filter, passes] of FILTERS) {
        const found = firstOf(languages, passes, LIMITS.at(-1) ?? 1)
        for (const limit of short ? SHORT_LIMITS : LIMITS) {
          await page(`sort=${sort}&limit=${limit}${filter}`, found.slice(0, limit))
        }
      }
    }
    connection.close()
    return [`${asked} lists, the slowest in ${slowest.took.toFixed(0)} ms: ${slowest.query}`]

    /** Asks for the first page, which begins with these, unless others have put their own before or between them. */
    async function page (query: string, expected: readonly Language[]): Promise<void> {
      const begin = performance.now()
      const { status, text } = await connection.send({ method: 'GET', path: `${LIST}?${query}` })
      const took = performance.now() - begin
      asked++
      if (took > slowest.took) slowest = { took, query }
      must(status === 200, () => `${query} is ${status}: ${text}`)
      const found: Language[] = JSON.parse(text).programming_languages.filter(({ id }: Language) => id < many)
      const wrong = found.findIndex(({ id }, i) => id !== expected[i]?.id)
      must(wrong === -1, () => `${query} has ${found[wrong]?.id} where ${expected[wrong]?.id} must be`)
      must(found.length > 0 || expected.length === 0 || text.includes('bystander'), () => `${query} has nothing`)
    }
  }, { filled: true, block: 100 })
}

/** How long, in milliseconds, the first list by a property may take, for which an index is made. */
const PATIENCE = 300_000

const LIMITS = [1, 1000]
const SHORT_LIMITS = [1, 100]

function firstOf (languages: readonly Language[], passes: (language: Language) => boolean, count: number): Language[] {
  const found: Language[] = []
  for (const language of languages) {
    if (passes(language)) found.push(language)
    if (found.length === count) break
  }
  return found
}

const byId: Compare = (a, b) => a.id - b.id
const byYear: Compare = (a, b) => a.publication_year - b.publication_year
const byName: Compare = (a, b) => a.name < b.name ? -1 : a.name > b.name ? 1 : 0
const byContribution: Compare = (a, b) => a.contribution < b.contribution ? -1 : a.contribution > b.contribution ? 1 : 0
const descending = (compare: Compare): Compare => (a, b) => compare(b, a)
/** One after the other; the id breaks the ties that are left. */
const by = (...keys: Compare[]): Compare => (a, b) => [...keys, byId].reduce((order, compare) => order || compare(a, b), 0)

const ORDERS: readonly [string, Compare][] = [
  // First, while no index by a name can have been made for another list.
  ['name', byName],
  ['id', byId],
  ['-id', descending(byId)],
  ['-name', descending(byName)],
  ['publication_year', by(byYear)],
  ['-publication_year', by(descending(byYear))],
  ['contribution', by(byContribution)],
  ['-contribution', by(descending(byContribution))],
  ['contribution,publication_year,name', by(byContribution, byYear, byName)],
  ['-contribution,-name', by(byContribution, descending(byName))],
  ['publication_year,-name', by(byYear, descending(byName))],
  ['-publication_year,contribution,-id', by(descending(byYear), descending(byId))]
]

const FILTERS: readonly [string, (language: Language) => boolean][] = [
  ['', () => true],
  ['&after_year=2000', ({ publication_year: year }) => year > 2000],
  ['&before_year=1960', ({ publication_year: year }) => year < 1960],
  ['&after_year=2023', ({ publication_year: year }) => year > 2023],
  ['&before_year=1902', ({ publication_year: year }) => year < 1902],
  ['&after_year=1979&before_year=1981', ({ publication_year: year }) => year === 1980],
  ['&after_year=1910&before_year=2020', ({ publication_year: year }) => year > 1910 && year < 2020],
  ['&after_year=2024&before_year=2020', () => false],
  ['&name=language%200000005', ({ name }) => name === 'language 0000005'],
  ['&name=language%200000005&after_year=2050', () => false]
]
