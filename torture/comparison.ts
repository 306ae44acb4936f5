import type { Connection } from './connection.js'
import { must } from './disagreement.js'
import type { Knowledge } from './knowledge.js'
import { withId } from './knowledge.js'
import { LIST, languageOf, pathOf, type Fields } from './languages.js'
import type { Random } from './random.js'

type Language = Fields & { readonly id: number }

/** Compares all that a server has with itself, and with what clients know; what they did not know, they learn. Says how many languages there are. */
export async function compare (connection: Connection, knowledge: Knowledge, random: Random): Promise<number> {
  const languages = await readList(connection, '')
  await checkRecords(connection, knowledge, languages)
  checkKnowledge(knowledge, new Map(languages.map((language) => [language.id, JSON.stringify(language)])))
  checkNames(languages)
  for (const [query, expected] of views(languages, random)) {
    const found = await readList(connection, query)
    must(JSON.stringify(found) === JSON.stringify(expected), () => `${query} gives ${idsOf(found)}, but must give ${idsOf(expected)}`)
  }
  return languages.length
}

/** All pages of a list. */
export async function readList (connection: Connection, query: string): Promise<Language[]> {
  const languages: Language[] = []
  for (let path = `${LIST}?limit=97${query}`; path !== '';) {
    const { status, text } = await connection.send({ method: 'GET', path })
    must(status === 200, () => `${path} is ${status}: ${text}`)
    const page = JSON.parse(text)
    languages.push(...page.programming_languages)
    path = page.next ?? ''
  }
  return languages
}

/** Asks for each id that was ever given, and for some that were not. */
async function checkRecords (connection: Connection, { histories, checkTag }: Knowledge, languages: readonly Language[]): Promise<void> {
  const listed = new Map(languages.map((language) => [language.id, JSON.stringify(language)]))
  const last = Math.max(...histories.keys(), ...listed.keys())
  for (let id = 0; id <= last + 2; id++) {
    const { status, text, headers } = await connection.send({ method: 'GET', path: pathOf(id) })
    must(status === 200 || status === 404, () => `language ${id} is ${status}: ${text}`)
    const found = status === 200 ? text : undefined
    must(found === listed.get(id), () => `language ${id} is ${found ?? 'gone'}, but in the list it is ${listed.get(id) ?? 'gone'}`)
    if (found !== undefined) checkTag(headers.etag, found)
  }
}

/** What is there is what clients know, or what one of them was not told of. */
function checkKnowledge (knowledge: Knowledge, texts: ReadonlyMap<number, string>): void {
  for (const [id, history] of knowledge.histories) history.settle(texts.get(id) ?? '')
  const creates = knowledge.attempts.filter(({ id }) => id === undefined)
  for (const [id, text] of texts) {
    if (knowledge.histories.has(id)) continue
    const attempt = creates.find(({ state, id: other }) => other === undefined && withId(id, state.text) === text)
    must(attempt !== undefined, () => `nobody created language ${id}: ${text}`)
    knowledge.give(id, { version: 0, text })
    attempt.id = id
  }
}

/** Each language that a client created is there once. */
function checkNames (languages: readonly Language[]): void {
  const names = languages.map(({ name }) => languageOf(name))
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  must(twice === undefined, () => `${twice} was made twice`)
}

/** Lists, and what must be in them, in this order. */
function views (languages: readonly Language[], random: Random): [string, readonly Language[]][] {
  const some = Array.from({ length: 20 }, () => languages[random.below(languages.length)]?.name ?? '')
  const low = random.below(9000)
  const high = low + 1 + random.below(1000)
  const between = languages.filter(({ publication_year: year }) => year > low && year < high)
  return [
    ['&sort=name', sorted(languages, byName)],
    ['&sort=-publication_year,name', sorted(languages, (a, b) => byYear(b, a) || byName(a, b))],
    ['&sort=contribution', sorted(languages, (a, b) => compareText(a.contribution, b.contribution))],
    ['&sort=-id', [...languages].reverse()],
    [`&after_year=${low}&before_year=${high}`, between],
    [`&after_year=${low}&before_year=${high}&sort=publication_year`, sorted(between, byYear)],
    ...some.map((name): [string, Language[]] => [`&name=${encodeURIComponent(name)}`, languages.filter((language) => language.name === name)])
  ]
}

/** The sort is stable, so that the ascending id breaks every tie. */
const sorted = (languages: readonly Language[], order: (a: Language, b: Language) => number): Language[] => [...languages].sort(order)

const byYear = (a: Language, b: Language): number => a.publication_year - b.publication_year
const byName = (a: Language, b: Language): number => compareText(a.name, b.name)
/** All text here is ASCII: the order of code units is that of code points. */
const compareText = (a: string, b: string): number => a < b ? -1 : a > b ? 1 : 0

const idsOf = (languages: readonly Language[]): string => languages.map(({ id }) => id).join(' ')
