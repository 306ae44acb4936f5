import { createRandom } from './random.js'
import type { Fields, Resource } from './resource.js'

const LIST = '/things'
const DAY = 86_400_000

/** What is the same of the two resources with every kind of property; see test/resources.ts. */
const common = {
  list: LIST,
  plural: 'things',
  kept: ['note'],
  unique: [['code'], ['day', 'count']],
  makeFields,

  makeUnique: ([property], number) => property === 'code' ? { code: `claim ${number}` } : { day: dayOf(number), count: 1000 },

  /** Leaves out what has its default, and spells what has several spellings in another than the server does. */
  toBody: ({ open, genre, tags, at, token, ...others }) => ({
    ...others,
    open: open === true ? undefined : open,
    genre: genre === 'novel' ? undefined : genre,
    tags: Array.isArray(tags) && tags.length === 0 ? undefined : tags,
    at: typeof at === 'string' ? at.replace('Z', '+00:00') : at,
    token: typeof token === 'string' ? token.toUpperCase() : token
  }),

  nameOf: ({ shelf, place }) => `${String(shelf).slice(PREFIX.length)}-${Number(place)}`,

  filters (records, random) {
    const some = () => records[random.below(records.length)] ?? {}
    const { shelf, count, code } = some()
    const { rank = 0, weight = 0, at, day, genre, open } = defined(some())
    return [
      [`shelf=${encodeURIComponent(String(shelf))}`, (thing) => thing.shelf === shelf],
      [`shelf_prefix=${encodeURIComponent(String(shelf).slice(0, -1))}`, (thing) => String(thing.shelf).startsWith(String(shelf).slice(0, -1))],
      [`count_gte=${Number(count)}`, (thing) => Number(thing.count) >= Number(count)],
      code === undefined ? ['code_exists=false', (thing) => thing.code === undefined] : [`code=${encodeURIComponent(String(code))}`, (thing) => thing.code === code],
      [`rank_lt=${Number(rank)}`, (thing) => typeof thing.rank === 'number' && thing.rank < Number(rank)],
      ['rank_exists=false', (thing) => thing.rank === null],
      [`lighter_than=${Number(weight)}`, (thing) => typeof thing.weight === 'number' && thing.weight < Number(weight)],
      [`weight_gte=${Number(weight)}&open=${open === true}`, (thing) => typeof thing.weight === 'number' && thing.weight >= Number(weight) && thing.open === open],
      [`genre=${String(genre)}`, (thing) => thing.genre === genre],
      day === undefined ? ['day_exists=true', (thing) => thing.day !== undefined] : [`day_gte=${String(day)}`, (thing) => thing.day !== undefined && String(thing.day) >= String(day)],
      at === undefined ? ['at_exists=false', (thing) => thing.at === null] : [`at=${encodeURIComponent(String(at))}`, (thing) => thing.at === at]
    ]
  }
} satisfies Omit<Resource, 'launch' | 'pathOf' | 'strangers' | 'sorts'>

const SORTS = ['label', 'weight', '-rank,-count', '-day,genre', 'at', '-code', '-open,level', 'token', 'lent,note'] as const

const launchOf = (RESOURCE: string) => ({ entry: 'torture/things-program', settings: { RESOURCE } })

/** Things that shelf and place identify. */
export const things: Resource = {
  ...common,
  launch: launchOf('things'),
  key: ['shelf', 'place'],
  sorts: ['-shelf,-place', ...SORTS],
  pathOf: ({ shelf, place }) => `${LIST}/${encodeURIComponent(String(shelf))}/${Number(place)}`,
  strangers: () => [`${LIST}/nobody/0`, `${LIST}/${encodeURIComponent(PREFIX)}/0`]
}

/** Things that the server gives a UUID. */
export const uuidThings: Resource = {
  ...common,
  launch: launchOf('uuid-things'),
  sorts: ['-id', ...SORTS],
  pathOf: ({ id }) => `${LIST}/${String(id)}`,
  strangers: () => [`${LIST}/00000000-0000-7000-8000-000000000000`, `${LIST}/ffffffff-ffff-7fff-bfff-ffffffffffff`]
}

/** What every shelf begins with, so that no path has it as it is. */
const PREFIX = 'é/'

/** Every kind of property, each that may lack in some versions alone, and texts of many lengths, so that some fill pages of their own. */
function makeFields (name: string, version: number, writer: string) {
  const [, owner = '', place] = /^(.*)-(\d+)$/.exec(name) ?? []
  const text = `version ${version} of ${name} by ${writer}`
  const random = createRandom(...Buffer.from(text))
  const maybe = <T>(value: T): T | undefined => random.chance(0.5) ? value : undefined
  return {
    shelf: PREFIX + owner,
    place: Number(place),
    label: text,
    // One that goes from version to version, or is given up, and wanted again.
    code: maybe(random.pick([text, name])),
    count: countOf(owner),
    rank: maybe(random.below(20) - 10) ?? null,
    weight: maybe((random.below(2000) - 1000) / 8),
    open: random.chance(0.5),
    lent: maybe(random.chance(0.5)),
    genre: random.pick(['novel', 'essay']),
    level: maybe(random.pick([1, 2])),
    day: maybe(dayOf(version * 1000 + Number(place))),
    at: maybe(new Date(random.below(1_000_000) * DAY / 24).toISOString()) ?? null,
    token: maybe(`01890a5d-ac96-774b-bcce-${String(random.below(1_000_000)).padStart(12, 'c')}`),
    mail: maybe(`${writer}@example.org`),
    note: maybe(text.padEnd(random.below(2000), '.')) ?? null,
    tags: Array.from({ length: random.below(3) }, (_, i) => `tag ${i} of ${text}`),
    sizes: maybe([random.below(10), version + 0.5]),
    shape: maybe({ width: random.below(10), height: maybe(version) }),
    extra: maybe({ a: version, by: { writer } })
  }
}

/** A number for each who makes names, so that no two things of one day have the same. */
function countOf (owner: string): number {
  const [, what, number] = /^(.*?)(\d*)$/.exec(owner) ?? []
  return what === 'client' ? Number(number) : -1 - Number(number)
}

const dayOf = (number: number): string => new Date(Date.UTC(1000, 0, 1) + number * DAY).toISOString().slice(0, 10)

/** The properties that have a value. */
const defined = (fields: Fields): Fields => Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== undefined))
