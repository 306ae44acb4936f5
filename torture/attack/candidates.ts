import { LIST, pathOf } from '../languages.js'
import type { Random } from '../random.js'
import { forgeCursor, type Value } from './forge.js'
import { requestText, type RawFields } from './wire.js'

/** Requests of one kind, of which some may take a server long. */
export type Make = (random: Random) => string

const MOST_BYTES = 1024 * 1024
const MOST_FIELD_BYTES = 30_000

export const CANDIDATES: Readonly<Record<string, Make>> = { lists, patches, bodies, fields }

function lists (random: Random): string {
  const parameters = [
    ...some(random, 2, () => `after_year=${year(random)}`),
    ...some(random, 2, () => `before_year=${year(random)}`),
    ...some(random, 4, () => `name=language%20${String(random.below(1e6)).padStart(7, '0')}`),
    ...some(random, 2, () => `limit=${random.pick([1, 2, 100, 1000])}`)
  ]
  const keys = keysBy(random)
  // A property that is sorted by again decides nothing, but may cost something.
  const sort = random.chance(0.1) ? Array.from({ length: 1000 }, (_, i) => keys[i % keys.length] ?? 'name') : keys
  if (sort.length > 0) parameters.push(`sort=${sort.join()}`)
  if (random.chance(0.3)) parameters.push(`cursor=${cursor(random, keys)}`)
  return requestText('GET', `${LIST}?${parameters.join('&')}`)
}

/** Some properties, each at most once; the id only where it decides something. */
function keysBy (random: Random): string[] {
  const chosen = PROPERTIES.filter(() => random.chance(0.4)).map((property) => random.pick(['', '-']) + property)
  return [...random.chance(0.5) ? chosen : chosen.reverse(), ...some(random, 4, () => '-id')]
}

const PROPERTIES = ['name', 'publication_year', 'contribution'] as const

const year = (random: Random): number => random.pick([1, 1899, 1900, 1901, 2024, 2025, 2026, 9999, 1900 + random.below(126)])

/** Where a page of this order might end. */
function cursor (random: Random, keys: readonly string[]): string {
  const last: Readonly<Record<string, Value>> = {
    id: random.below(1e6),
    name: `language ${random.below(1e6)}`,
    publication_year: year(random),
    contribution: random.pick(['what each of them brought', '', 'zzz'])
  }
  return forgeCursor(keys, [...keys, 'id'].map((key) => last[key.replace('-', '')] ?? ''))
}

function patches (random: Random): string {
  if (random.chance(0.3)) return requestText('PATCH', pathOf(0), [['Content-Type', 'application/merge-patch+json']], document(random))
  const first = { op: 'add', path: '/l', value: { placeholder: true } }
  const operations = Array.from({ length: 1 + random.below(random.pick([10, 100, 999])) }, () => operation(random))
  const content = JSON.stringify([first, ...operations]).replace('{"placeholder":true}', document(random, MOST_BYTES - 200_000))
  return requestText('PATCH', pathOf(0), [['Content-Type', 'application/json-patch+json']], content.slice(0, MOST_BYTES))
}

function operation (random: Random): object {
  const op = random.pick(['add', 'replace', 'copy', 'move', 'test', 'remove'])
  return { op, path: pointer(random), from: pointer(random), value: random.pick<unknown>([1, 'x', [], {}, ['x', 'x'], null]) }
}

const pointer = (random: Random): string => random.pick(['', '/l', '/l', '/l/0', '/l/-', '/l/l', '/name', `/m${random.below(5)}`, `/l${'/0'.repeat(random.below(60))}`])

function bodies (random: Random): string {
  const [method, target] = random.pick([['POST', LIST], ['PUT', pathOf(0)], ['PATCH', pathOf(0)]])
  const content = random.chance(0.5) ? document(random) : `{"name":${document(random, 500_000)},"publication_year":${random.pick(['1', document(random, 1000)])},"contribution":${document(random, 500_000)}}`
  return requestText(method, target, random.chance(0.3) ? [['Idempotency-Key', String(random.below(1e9))]] : [], content)
}

/** A JSON document, or nearly one, of at most so many bytes: a beginning, what is repeated, and an end. */
function document (random: Random, most = MOST_BYTES - 1000): string {
  const [begin, part, end] = random.pick(DOCUMENTS)
  const counted = (i: number) => part.replace('#', i.toString(36))
  const count = Math.floor(random.pick([most, most / 10, most / 100]) / (part.length + 5))
  return begin + Array.from({ length: count }, (_, i) => counted(i)).join('') + end
}

type Parts = readonly [begin: string, part: string, end: string]

const DOCUMENTS: readonly [Parts, ...Parts[]] = [
  ['{', '"#":1,', '"z":1}'],
  ['{', '"a":1,', '"z":1}'],
  ['{', '"__proto__":1,', '"z":1}'],
  ['{', '"constructor#":{"prototype":1},', '"z":1}'],
  ['[', '1,', '1]'],
  ['[', '[],', '1]'],
  ['[', '{},', '1]'],
  ['[', '{"a":[{}]},', '1]'],
  ['[', '1e400,', '1]'],
  ['[', '"",', '1]'],
  ['[', '"#",', '1]'],
  ['[', '', ']'],
  ['', '[', ']'],
  ['', '{"a":', '1'],
  [`${'['.repeat(60)}`, '0,', `0${']'.repeat(60)}`],
  ['"', 'x', '"'],
  ['"', '\u{1F600}', '"'],
  ['"', ' ', '"'],
  ['"', '\u00A0', '"'],
  ['"', ' \\n', 'x"'],
  ['"', '\\u0000', '"'],
  ['"', '\\ud83d', '"'],
  ['"', 'e\u0301', '"'],
  ['', '1', ''],
  ['0.', '3', ''],
  ['1e', '9', ''],
  ['', ' ', '1']
]

/** Fields, and what they are filled with. */
function fields (random: Random): string {
  const given: [string, string][] = []
  let room = MOST_FIELD_BYTES
  for (let i = random.below(8); i >= 0 && room > 0; i--) {
    const name = random.pick(NAMES)
    const value = filled(random, random.pick([room, room, 1000, 200]) - name.length - 4)
    const count = random.chance(0.1) ? Math.floor(room / (name.length + 20)) : 1
    for (let k = 0; k < count && room > 0; k++) {
      given.push([name, count === 1 ? value : value.slice(0, 10)])
      room -= name.length + 4 + (count === 1 ? value.length : 10)
    }
  }
  const target = random.chance(0.3) ? random.pick(['/', LIST, `${LIST}/`, `${LIST}?`, `${LIST}?sort=`]) + filled(random, room).replaceAll(' ', '%20') : random.pick([LIST, pathOf(0), '/health'])
  const method = random.pick(['GET', 'GET', 'GET', 'PUT', 'PATCH', 'POST', 'OPTIONS'])
  const content = ['PUT', 'PATCH', 'POST'].includes(method) ? '{}' : undefined
  return requestText(method, target, safe(given), content)
}

/** What frames a request is not for these to say. */
const safe = (given: [string, string][]): RawFields => given.filter(([name]) => name !== '').map(([name, value]) => [name, value.replace(/[\r\n\0]/g, ' ')])

function filled (random: Random, bytes: number): string {
  const part = random.pick(PARTS)
  const end = random.pick(['', '"', '!', 'x', '"x"', ','])
  return `${random.pick(['', '"', 'a', '*'])}${part.repeat(Math.max(0, Math.floor(bytes / part.length)))}${end}`
}

const NAMES = ['If-Match', 'If-None-Match', 'Idempotency-Key', 'Accept', 'Accept-Encoding', 'Content-Type', 'Prefer', 'Cookie', 'X-Request-Id', 'Range', 'If-Modified-Since', 'Forwarded', 'Connection', 'Authorization', 'X'] as const
const PARTS = ['a', ' ', '"', '","', '"a"', '"a",', '"a" ', '"a" , ', 'W/"a",', 'W/', ',', ', ,', '\\"', ';', ';a=b', ';q=0.1,', 'a/b,', 'a/b;c="d",', '*/*,', '=', '%41', '%', '/', '//', '-', '0', '1e', '\t', 'a b ', '&a=', '&a', '+'] as const

function some<T> (random: Random, oneIn: number, make: () => T): T[] {
  return random.below(oneIn) === 0 ? [make()] : []
}
