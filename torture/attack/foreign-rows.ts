import { createConnection } from '../connection.js'
import { must } from '../disagreement.js'
import { LIST } from '../languages.js'
import type { Attack } from './attack.js'
import { beside } from './beside.js'
import { TABLE } from './records.js'
import { runSql } from './sites.js'

/** Somebody writes to the table with SQL what no client could: either the table refuses it, or it can be read. */
export const foreignRows: Attack = {
  name: 'rows that SQL wrote',
  stores: ['postgres'],
  run: beside(async ({ server, site }) => {
    let taken = 0
    for (const row of ROWS) {
      taken += await runSql(site.url, `insert into ${TABLE} (name, publication_year, contribution) values (${row})`).then(() => 1, () => 0)
    }
    const { send, close } = createConnection(server.address)
    for (const sort of ['publication_year', '-publication_year', 'name', '-name', 'contribution', '-contribution']) {
      for (let path = `${LIST}?limit=1&sort=${sort}`; path !== '';) {
        const { status, text } = await send({ method: 'GET', path })
        must(status === 200, () => `${path.slice(0, 200)} is ${status}: ${text}`)
        path = JSON.parse(text).next ?? ''
      }
    }
    close()
    return [`${taken} of ${ROWS.length} rows taken`]
  })
}

const ROWS = [
  "'a year that no number holds', 9223372036854775807, 'x'",
  "'a year before all others', -9223372036854775808, 'x'",
  "'', 2000, ''",
  "repeat('x', 100000), 2000, 'x'",
  "'a long text', 2000, repeat('\u{1F600}', 100000)"
]
