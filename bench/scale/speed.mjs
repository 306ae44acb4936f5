// Prints how many microseconds each operation takes with so many records, in the store alone and as a whole request.
// Arguments: the number of records, the folder of the product. Needs --expose-gc.

import { FIRST_YEAR, YEARS } from '../lib/records.mjs'
import { median } from '../lib/statistics.mjs'
import { createRandom, importProduct, parsedRecord } from './product.mjs'

/** How long, in milliseconds, each step is measured; how much of that is for warming up; and how many measurements it needs. */
const TIME = 400
const WARM_UP = 0.3
const LEAST = 20

/** How long finding the cursors may take, in milliseconds. */
const SEARCH_LIMIT = 15_000

const PATH = '/programming_languages'
const LIMIT = 100

const size = Number(process.argv[2])
const { createStore, createApp, makeIndexes } = await importProduct(process.argv[3])
const random = createRandom()
let made = 0
let seen = 0

const store = createStore()
const begin = performance.now()
while (made < size) store.create(parsedRecord(made++))
const fill = (performance.now() - begin) / 1000
await makeIndexes(store)
const indexing = (performance.now() - begin) / 1000 - fill

/** The ids that are there. */
const ids = Array.from({ length: size }, (_, id) => id)
const app = createApp(store)
await app.ready()

async function measureStore () {
  const years = (year) => [{ property: 'publication_year', operator: 'gt', value: year - 1 }, { property: 'publication_year', operator: 'lt', value: year + 1 }]
  const byName = [{ property: 'name', descending: false }]
  const list = (query) => ({ where: [], order: [], after: undefined, limit: LIMIT, ...query })
  const rewrite = () => { store.update(anyId(), () => nextRecord()) }
  const find = (query) => { store.list(query) }
  // Used, so that the compiler does not leave the call out.
  const see = (id) => { seen += store.get(id).item.id }
  const each = (act) => (inputs) => { for (const input of inputs) act(input) }
  const batch = Math.min(1000, size / 2)

  return {
    view: await time(batch, anyId, each(see)),
    ...await timeTurnover(batch, each((fields) => ids.push(store.create(fields).item.id)), each((id) => store.delete(id, () => {}))),
    replace: await time(batch, () => ({ id: anyId(), fields: nextRecord() }), each(({ id, fields }) => store.update(id, () => fields))),
    first: await timePages(rewrite, () => list({}), each(find)),
    far: await timePages(rewrite, () => list({ after: { id: Math.floor(size * 0.9) + random(size * 0.09) } }), each(find)),
    filter: await timePages(rewrite, () => list({ where: years(anyYear()) }), each(find)),
    sorted: await timePages(rewrite, () => list({ order: byName, after: store.get(anyId()).item }), each(find))
  }
}

async function measureRequests () {
  const item = (id) => `${PATH}/${id}`
  const send = (method, url, payload) => inject({ method, url, payload })
  const rewrite = () => send('PUT', item(anyId()), nextRecord())
  const get = (url) => send('GET', url)
  const each = (act) => async (inputs) => { for (const input of inputs) await act(input) }
  const batch = 100
  const far = await cursorsOf('id', Math.max(1, size / 1000), 0.9)
  const byName = await cursorsOf('name', LIMIT, 0)
  const some = (list) => list[random(list.length)]

  return {
    view: await time(batch, () => item(anyId()), each(get)),
    ...await timeTurnover(batch, each(async (fields) => ids.push((await send('POST', PATH, fields)).json().id)), each((id) => send('DELETE', item(id)))),
    replace: await time(batch, () => ({ url: item(anyId()), fields: nextRecord() }), each(({ url, fields }) => send('PUT', url, fields))),
    first: await timePages(rewrite, () => PATH, each(get)),
    far: await timePages(rewrite, () => `${PATH}?cursor=${some(far)}`, each(get)),
    filter: await timePages(rewrite, () => yearPath(anyYear()), each(get)),
    sorted: await timePages(rewrite, () => `${PATH}?sort=name&cursor=${some(byName)}`, each(get))
  }
}

const yearPath = (year) => `${PATH}?after_year=${year - 1}&before_year=${year + 1}`

async function inject (request) {
  const response = await app.inject(request)
  if (response.statusCode >= 400) throw new Error(`${request.method} ${request.url}: ${response.statusCode} ${response.body}`)
  return response
}

/** The cursors in the last part of a list, from this share on; of what could be walked in time, where that takes long. */
async function cursorsOf (sort, limit, share) {
  const cursors = []
  const end = performance.now() + SEARCH_LIMIT
  for (let url = `${PATH}?sort=${sort}&limit=${limit}`; url !== undefined && cursors.length < 1000 && performance.now() < end;) {
    const { next } = (await inject({ method: 'GET', url })).json()
    if (next !== undefined) cursors.push(new URLSearchParams(next.slice(PATH.length)).get('cursor'))
    url = next
  }
  return cursors.slice(Math.floor(cursors.length * share))
}

/** Pages that each come after a write, which does not count; and one page, again and again, with nothing written. */
async function timePages (rewrite, makeInput, act) {
  const changing = await time(1, makeInput, act, rewrite)
  const input = makeInput()
  return { changing, still: await time(1, () => input, act) }
}

/** Batches of creates and of as many deletes, in turn, so that the size stays. */
async function timeTurnover (batch, createEach, deleteEach) {
  const creates = []
  const deletes = []
  await repeat(async () => {
    creates.push(await stopwatch(times(batch, nextRecord), createEach))
    deletes.push(await stopwatch(times(batch, takeId), deleteEach))
  })
  return { create: settled(creates), delete: settled(deletes) }
}

/** The microseconds that one of a batch takes: the median of many batches, without the first ones. */
async function time (batch, makeInput, act, prepare = () => {}) {
  const results = []
  await repeat(async () => {
    await prepare()
    results.push(await stopwatch(times(batch, makeInput), act))
  })
  return settled(results)
}

async function repeat (act) {
  // What was there before leaves no garbage to be collected meanwhile.
  global.gc()
  const end = performance.now() + TIME
  for (let i = 0; i < LEAST || performance.now() < end; i++) await act()
}

async function stopwatch (inputs, act) {
  const begin = performance.now()
  await act(inputs)
  return (performance.now() - begin) * 1000 / inputs.length
}

const settled = (results) => median(results.slice(Math.floor(results.length * WARM_UP)))

const times = (count, make) => Array.from({ length: count }, make)

const anyId = () => ids[random(ids.length)]

const anyYear = () => FIRST_YEAR + random(YEARS)

/** An id that is then no longer there. */
function takeId () {
  const place = random(ids.length)
  const id = ids[place]
  ids[place] = ids.at(-1)
  ids.pop()
  return id
}

/** A record that was not there before. */
const nextRecord = () => parsedRecord(made++)

console.log(JSON.stringify({ fill, indexing, store: await measureStore(), request: await measureRequests(), seen }))
process.exit()
