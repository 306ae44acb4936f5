import pg from 'pg'
import { createConnection } from '../connection.js'
import { must } from '../disagreement.js'
import { LIST, makeFields, pathOf } from '../languages.js'
import type { Attack } from './attack.js'
import { beside } from './beside.js'
import { TABLE } from './records.js'

const LISTS = 20
const WRITES = 40
const LOCKED = 4

/** Lists that the database looks for long, where there is nothing to find. */
export const impossibleRanges: Attack = {
  name: `${LISTS} ranges that nothing can be in, at once`,
  stores: ['postgres'],
  run: beside(async ({ server }) => {
    const queries = ['&sort=name', '&sort=-name', '&sort=id', '&sort=contribution,-name'].map((sort) => `after_year=2024&before_year=2020${sort}`)
    const begin = performance.now()
    await atOnce(LISTS, async (i) => {
      const { status, text } = await once(server.address, 'GET', `${LIST}?${queries[i % queries.length]}`)
      must(status === 200 && text === '{"programming_languages":[]}', () => `an impossible range is ${status}: ${text}`)
    })
    return [`all in ${(performance.now() - begin).toFixed(0)} ms`]
  }, { filled: true, busy: 0 })
}

/** Lists that filter by one property and sort by another. Those of others may wait behind them, but nothing else may. */
export const manyLists: Attack = {
  name: `${WRITES} lists of all kinds at once`,
  stores: ['postgres'],
  run: beside(async ({ server }) => {
    const filters = ['after_year=2000', 'before_year=1902', 'after_year=1979&before_year=1981', 'after_year=1910&before_year=2020']
    const sorts = ['name', '-id', 'contribution,-publication_year,name', '-contribution', '-publication_year,-name']
    const statuses = await atOnce(WRITES, async (i) => {
      const { status, text } = await once(server.address, 'GET', `${LIST}?limit=1000&${filters[i % filters.length]}&sort=${sorts[i % sorts.length]}`)
      must(status === 200 || status === 503, () => `a list is ${status}: ${text}`)
      return status
    })
    return [`${statuses.filter((status) => status === 503).length} of them 503`]
  }, { filled: true, lists: false, busy: 0 })
}

/** A row is locked by somebody else, and every client writes to it. */
export const lockedRow: Attack = {
  name: `${WRITES} PUTs of a row that is locked`,
  stores: ['postgres'],
  run: beside(async ({ server, site }) => {
    const other = new pg.Client(site.url)
    await other.connect()
    try {
      await other.query('begin')
      await other.query(`select from ${TABLE} where id = ${LOCKED} for update`)
      const begun = await once(server.address, 'GET', pathOf(LOCKED))
      const { id, ...same } = JSON.parse(begun.text)
      const statuses = await atOnce(WRITES, async () => (await once(server.address, 'PUT', pathOf(LOCKED), same)).status)
      must(statuses.every((status) => status === 503), () => `they are ${statuses}, not 503`)
      await other.query('rollback')
      const after = await once(server.address, 'PUT', pathOf(id), same)
      must(after.status === 200, () => `when the lock is gone, a PUT is ${after.status}: ${after.text}`)
      const made = await once(server.address, 'POST', LIST, makeFields('after the lock', 0, 'busy pool'))
      must(made.status === 201, () => `when the lock is gone, a POST is ${made.status}: ${made.text}`)
    } finally {
      await other.end()
    }
    return []
  }, { busy: 0 })
}

const atOnce = <T>(count: number, act: (i: number) => Promise<T>): Promise<T[]> => Promise.all(Array.from({ length: count }, (_, i) => act(i)))

async function once (address: string, method: string, path: string, body?: unknown) {
  const { send, close } = createConnection(address)
  const answer = await send({ method, path, body })
  close()
  return answer
}
