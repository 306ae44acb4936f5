import type { Connection } from './connection.js'
import { must } from './disagreement.js'
import type { Knowledge } from './knowledge.js'
import { withId, type Fields, type Resource } from './resource.js'
import type { Random } from './random.js'

/** Compares all that a server has with itself, and with what clients know; what they did not know, they learn. Says how many records there are. */
export async function compare (resource: Resource, connection: Connection, knowledge: Knowledge, random: Random): Promise<number> {
  const records = await readList(resource, connection, '')
  const texts = new Map(records.map((record) => [resource.pathOf(record), JSON.stringify(record)]))
  await checkRecords(resource, connection, knowledge, texts)
  checkKnowledge(resource, knowledge, texts)
  checkTwice(resource, records)
  for (const [query, expected] of views(resource, records, random)) {
    const found = await readList(resource, connection, `&${query}`)
    must(JSON.stringify(found) === JSON.stringify(expected), () => `${query} gives ${pathsOf(resource, found)}, but must give ${pathsOf(resource, expected)}`)
  }
  return records.length
}

/** All pages of a list. */
export async function readList ({ list, plural }: Resource, connection: Connection, query: string): Promise<Fields[]> {
  const records: Fields[] = []
  for (let path = `${list}?limit=97${query}`; path !== '';) {
    const { status, text } = await connection.send({ method: 'GET', path })
    must(status === 200, () => `${path} is ${status}: ${text}`)
    const page = JSON.parse(text)
    records.push(...page[plural])
    path = page.next ?? ''
  }
  return records
}

/** Asks for each record that ever was, or may be, and for some that never were. */
async function checkRecords ({ strangers }: Resource, connection: Connection, { histories, checkTag }: Knowledge, listed: ReadonlyMap<string, string>): Promise<void> {
  const paths = [...new Set([...histories.keys(), ...listed.keys()])]
  for (const path of [...paths, ...strangers(paths)]) {
    const { status, text, headers } = await connection.send({ method: 'GET', path })
    must(status === 200 || status === 404, () => `${path} is ${status}: ${text}`)
    const found = status === 200 ? text : undefined
    must(found === listed.get(path), () => `${path} is ${found ?? 'gone'}, but in the list it is ${listed.get(path) ?? 'gone'}`)
    if (found !== undefined) checkTag(headers.etag, found)
  }
}

/** What is there is what clients know, or what one of them was not told of. */
function checkKnowledge ({ nameOf }: Resource, knowledge: Knowledge, texts: ReadonlyMap<string, string>): void {
  for (const [path, history] of knowledge.histories) history.settle(texts.get(path) ?? '')
  const creates = knowledge.attempts.filter(({ path }) => path === undefined)
  for (const [path, text] of texts) {
    if (knowledge.histories.has(path)) continue
    const record = JSON.parse(text)
    const attempt = creates.find(({ state, path: other }) => other === undefined && withId(record.id, state.text) === text)
    must(attempt !== undefined, () => `nobody created ${path}: ${text}`)
    knowledge.give(path, nameOf(record), { version: 0, text })
    attempt.path = path
  }
}

/** Each record that a client created is there once, and so is what is unique. */
function checkTwice ({ nameOf, unique }: Resource, records: readonly Fields[]): void {
  const names = records.map(nameOf)
  const values = unique.map((properties) => records
    .filter((record) => properties.every((property) => property in record))
    .map((record) => JSON.stringify(properties.map((property) => record[property]))))
  for (const all of [names, ...values]) {
    const twice = all.find((one, i) => all.indexOf(one) !== i)
    must(twice === undefined, () => `${twice} is there twice`)
  }
}

/** Lists, and what must be in them, in this order. */
function views (resource: Resource, records: readonly Fields[], random: Random): [string, readonly Fields[]][] {
  const sorts = resource.sorts.map((sort): [string, readonly Fields[]] => [`sort=${sort}`, sorted(records, sort)])
  const filters = resource.filters(records, random).flatMap(([query, passes]): [string, readonly Fields[]][] => {
    const found = records.filter(passes)
    const sort = random.pick(resource.sorts)
    return [[query, found], [`${query}&sort=${sort}`, sorted(found, sort)]]
  })
  return [...sorts, ...filters]
}

/** What is listed without `sort` is in the order of the ids, which breaks every tie, as the sort is stable. */
function sorted (records: readonly Fields[], sort: string): Fields[] {
  const keys = sort.split(',').map((key) => ({ property: key.replace('-', ''), sign: key.startsWith('-') ? -1 : 1 }))
  return [...records].sort((a, b) => keys.reduce((order, { property, sign }) => order || sign * compareValues(a[property], b[property]), 0))
}

/** What is not there comes last. No text here has a character beyond U+FFFF: the order of code units is that of code points. */
function compareValues (a: unknown, b: unknown): number {
  const [x, y] = [a, b].map((value) => typeof value === 'boolean' ? Number(value) : value ?? undefined)
  if (x === undefined || y === undefined) return Number(x === undefined) - Number(y === undefined)
  return isLess(x, y) ? -1 : isLess(y, x) ? 1 : 0
}

const isLess = (a: unknown, b: unknown): boolean => typeof a === 'number' ? a < Number(b) : String(a) < String(b)

const pathsOf = ({ pathOf }: Resource, records: readonly Fields[]): string => records.map(pathOf).join(' ')
