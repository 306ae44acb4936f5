// Prints how many microseconds each operation takes with so many records, in the store alone and as a whole request.
// Arguments: the folder of the product, then for each store its URL and its number of records. Needs --expose-gc.

import { statSync } from 'node:fs'
import { join } from 'node:path'
import { FIRST_YEAR, YEARS } from '../lib/records.mjs'
import { median } from '../lib/statistics.mjs'
import { createRandom, importProduct, parsedRecord } from './product.mjs'

/** How long, in milliseconds, each step is measured; how much of that is for warming up; and how many measurements it needs. */
const TIME = 400
const WARM_UP = 0.3
const LEAST = 20

/** How often several stores take turns at each step, for that time each: what slows the machine then slows all of them. */
const TURNS = 8

/** How many records are written at the same time while a store on a disk is filled, and how many while it is measured. */
const FILLED = 20_000
const TOGETHER = 50

const PATH = '/programming_languages'
const LIMIT = 100

const [folder, ...places] = process.argv.slice(2)
const { openStore, createApp, makeIndexes, cursorOf } = await importProduct(folder)
const random = createRandom()
let seen = 0

const settled = (results) => median(results.slice(Math.floor(results.length * WARM_UP)))

const times = (count, make) => Array.from({ length: count }, make)

const together = (act) => (inputs) => Promise.all(inputs.map(act))

const yearPath = (year) => `${PATH}?after_year=${year - 1}&before_year=${year + 1}`

const anyYear = () => FIRST_YEAR + random(YEARS)

const subjects = []
while (places.length > 0) subjects.push(await createSubject(places.shift(), Number(places.shift())))
const turns = subjects.length > 1 ? TURNS : 1
let turn = Promise.resolve()
const results = await Promise.all(subjects.map(async ({ about, measureStore, measureRequests }) =>
  ({ ...about, times: { store: await measureStore(), request: await measureRequests() }, seen })))
console.log(JSON.stringify(results))

/** Fills a store, and gives what measures it. */
async function createSubject (url, size) {
  const store = await openStore(url)
  const isOnDisk = url !== 'memory:'
  let made = size
  /** A record that was not there before. */
  const nextRecord = () => parsedRecord(made++)

  const begin = performance.now()
  // Each index that is made later would read all records again, and flush them in small parts.
  if (isOnDisk) await makeIndexes(store)
  for (let i = await store.count([]); i < size; i += FILLED) await Promise.all(times(Math.min(FILLED, size - i), (_, j) => store.create(parsedRecord(i + j))))
  const fill = (performance.now() - begin) / 1000
  await makeIndexes(store)
  const indexing = (performance.now() - begin) / 1000 - fill
  const bytes = isOnDisk ? statSync(join(url.slice('lmdb:'.length), 'data.mdb')).size : undefined

  /** The ids that are there. */
  const ids = times(size, (_, id) => id)
  const anyId = () => ids[random(ids.length)]
  const farId = () => Math.floor(size * 0.9) + random(size * 0.09)
  const app = createApp(store)
  await app.ready()
  return { about: { size, fill, indexing, bytes }, measureStore, measureRequests }

  async function measureStore () {
    const years = (year) => [{ property: 'publication_year', operator: 'gt', value: year - 1 }, { property: 'publication_year', operator: 'lt', value: year + 1 }]
    const byName = [{ property: 'name', descending: false }]
    const list = (query) => ({ where: [], order: [], after: undefined, limit: LIMIT, ...query })
    const rewrite = () => store.update(anyId(), nextRecord)
    const find = ([query]) => store.list(query)
    // Used, so that the compiler does not leave the call out.
    const see = (ids) => { for (const id of ids) seen += store.get(id).body.length }
    const each = (act) => isOnDisk ? together(act) : (inputs) => { for (const input of inputs) act(input) }
    const batch = isOnDisk ? TOGETHER : Math.min(1000, size / 2)

    return {
      view: await time(1000, anyId, see),
      ...await timeTurnover(batch, each(async (fields) => ids.push((await store.create(fields)).id)), each((id) => store.delete(id, () => {}))),
      replace: await time(batch, () => ({ id: anyId(), fields: nextRecord() }), each(({ id, fields }) => store.update(id, () => fields))),
      first: await timePages(rewrite, () => list({}), find),
      far: await timePages(rewrite, () => list({ after: { id: farId() } }), find),
      filter: await timePages(rewrite, () => list({ where: years(anyYear()) }), find),
      sorted: await timePages(rewrite, () => list({ order: byName, after: store.get(anyId()).item }), find)
    }
  }

  async function measureRequests () {
    const item = (id) => `${PATH}/${id}`
    const send = (method, url, payload) => inject({ method, url, payload })
    const rewrite = () => send('PUT', item(anyId()), nextRecord())
    const get = (url) => send('GET', url)
    const each = (act) => async (inputs) => { for (const input of inputs) await act(input) }
    const write = isOnDisk ? together : each
    const batch = isOnDisk ? TOGETHER : 100

    return {
      view: await time(100, () => item(anyId()), each(get)),
      ...await timeTurnover(batch, write(async (fields) => ids.push((await send('POST', PATH, fields)).json().id)), write((id) => send('DELETE', item(id)))),
      replace: await time(batch, () => ({ url: item(anyId()), fields: nextRecord() }), write(({ url, fields }) => send('PUT', url, fields))),
      first: await timePages(rewrite, () => PATH, each(get)),
      far: await timePages(rewrite, () => `${PATH}?cursor=${cursorOf({ id: farId() }, 'id')}`, each(get)),
      filter: await timePages(rewrite, () => yearPath(anyYear()), each(get)),
      sorted: await timePages(rewrite, () => `${PATH}?sort=name&cursor=${cursorOf(anyRecord(), 'name', 'id')}`, each(get))
    }
  }

  async function inject (request) {
    const response = await app.inject(request)
    if (response.statusCode >= 400) throw new Error(`${request.method} ${request.url}: ${response.statusCode} ${response.body}`)
    return response
  }

  /** A record, perhaps as it was at first. */
  function anyRecord () {
    const id = random(size)
    return { id, ...parsedRecord(id) }
  }

  /** An id that is then no longer there. */
  function takeId () {
    const place = random(ids.length)
    const id = ids[place]
    ids[place] = ids.at(-1)
    ids.pop()
    return id
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
}

/** Pages that each come after a write, which does not count; and one page, again and again, with nothing written. */
async function timePages (rewrite, makeInput, act) {
  const changing = await time(1, makeInput, act, rewrite)
  const input = makeInput()
  return { changing, still: await time(1, () => input, act) }
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
  await inTurn(() => global.gc())
  for (let i = 0; i < turns; i++) await inTurn(() => repeatForAWhile(act))
}

async function repeatForAWhile (act) {
  const end = performance.now() + TIME
  for (let i = 0; i < LEAST || performance.now() < end; i++) await act()
}

/** Does some work when all are done that came before it. */
function inTurn (work) {
  turn = turn.then(work)
  return turn
}

async function stopwatch (inputs, act) {
  const begin = performance.now()
  await act(inputs)
  return (performance.now() - begin) * 1000 / inputs.length
}
