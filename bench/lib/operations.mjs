import { FIRST_YEAR, makeRecord, YEARS } from './records.mjs'

const PATH = '/programming_languages'

const get = (path, headers = {}) => ({ method: 'GET', path, headers })

function send (method, path, fields) {
  return { method, path, headers: { 'content-type': 'application/json' }, body: JSON.stringify(fields) }
}

const item = (id) => `${PATH}/${id}`

const times = (count, make) => Array.from({ length: count }, (_, i) => make(i))

/**
 * What is timed. Each operation is a cycle of requests, made for a server that holds `records` records; `make` may
 * ask that server first, and gives nothing where the server has no such operation.
 * `checked` of the requests are compared with the answers of the first server before the timing.
 */
export const OPERATIONS = [
  {
    name: 'view',
    title: 'view one',
    records: 8,
    checked: 8,
    make: () => times(8, (id) => get(item(id)))
  },
  {
    name: 'not-modified',
    title: 'view one, 304',
    records: 8,
    checked: 8,
    make: makeConditional
  },
  {
    name: 'list',
    title: 'list of 8',
    records: 8,
    checked: 1,
    make: () => [get(PATH)]
  },
  {
    name: 'list-1000',
    title: 'list of 1,000',
    records: 1000,
    checked: 1,
    make: () => [get(`${PATH}?limit=1000`)]
  },
  {
    name: 'list-1000-br',
    title: 'list of 1,000, Brotli',
    records: 1000,
    checked: 1,
    make: makeCoded
  },
  {
    name: 'list-1000-writes',
    title: 'list of 1,000, every 11th a replace',
    records: 1000,
    checked: 23,
    make: () => times(100, (i) => [...times(10, () => get(`${PATH}?limit=1000`)), send('PUT', item(i * 379 % 1000), makeRecord(5000 + i))]).flat()
  },
  {
    name: 'filter',
    title: 'year filter, 100 of 100,000',
    records: 100_000,
    checked: 3,
    connections: 10,
    make: () => times(YEARS, (i) => FIRST_YEAR + i * 379 % YEARS)
      .map((year) => get(`${PATH}?after_year=${year - 1}&before_year=${year + 1}&limit=100`))
  },
  {
    name: 'create',
    title: 'create',
    records: 8,
    checked: 3,
    make: () => times(1000, (i) => send('POST', PATH, makeRecord(5000 + i)))
  },
  {
    name: 'replace',
    title: 'replace',
    records: 8,
    checked: 9,
    make: () => times(1000, (i) => send('PUT', item(i % 8), makeRecord(5000 + i)))
  }
]

/** Requests that each name the entity-tag which the server has just given; undefined where it gives none, or does not heed it. */
async function makeConditional (ask) {
  const requests = await Promise.all(times(8, async (id) => {
    const { headers } = await ask(get(item(id)))
    return headers.etag && get(item(id), { 'if-none-match': headers.etag })
  }))
  if (requests.includes(undefined)) return undefined
  const { status } = await ask(requests[0])
  return status === 304 ? requests : undefined
}

/** A request for a list in a content coding; undefined where the server does not code it. */
async function makeCoded (ask) {
  const request = get(`${PATH}?limit=1000`, { 'accept-encoding': 'br' })
  const { headers } = await ask(request)
  return headers['content-encoding'] === 'br' ? [request] : undefined
}

/** How many connections there are, where an operation does not say. */
export const CONNECTIONS = 50

/** The data sets that the operations need, by their sizes. */
export const SIZES = [...new Set(OPERATIONS.map(({ records }) => records))]
