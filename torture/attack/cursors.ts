import { createConnection } from '../connection.js'
import { must } from '../disagreement.js'
import { LIST } from '../languages.js'
import type { Attack } from './attack.js'
import { beside } from './beside.js'
import { forgeCursor, type Value } from './forge.js'

/** Anybody can compute the seal of a cursor, and so put into it what no page ever ended with. */
export const forgedCursors: Attack = {
  name: 'cursors that a client made',
  run: beside(async ({ server }) => {
    const { send, close } = createConnection(server.address)
    const status = async (sort: string, values: readonly Value[]) => {
      const keys = sort === 'id' ? [] : [sort]
      return (await send({ method: 'GET', path: `${LIST}?sort=${sort}&cursor=${forgeCursor(keys, values)}` })).status
    }
    // Else nothing that follows would show anything.
    must(await status('publication_year', [1960, 1]) === 200, () => 'a cursor like those of pages is refused')
    for (const value of VALUES) {
      for (const [sort, values] of [['id', [value]], ['name', ['x', value]], ...SORTS.map((sort): [string, Value[]] => [sort, [value, 1]])] satisfies [string, Value[]][]) {
        const found = await status(sort, values)
        must([200, 400, 414, 431].includes(found), () => `a cursor of ${sort} with ${String(values).slice(0, 40)} is ${found}`)
      }
    }
    must(await status('name', []) === 400 && await status('name', ['x', 1, 2]) === 400, () => 'a cursor with too few values, or too many, is taken')
    close()
    return []
  })
}

const SORTS = ['name', '-name', 'publication_year', '-publication_year', 'contribution']

const VALUES = [NaN, Infinity, -1, 0.5, 1e300, 2 ** 53, Number('9223372036854775807'), 'x', '', '\0', '\u{FFFD}', '1', 'x'.repeat(15_000)]
