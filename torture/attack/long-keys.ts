import { createConnection } from '../connection.js'
import { must } from '../disagreement.js'
import { LIST } from '../languages.js'
import type { Attack } from './attack.js'
import { beside } from './beside.js'

const LANES = 20

/** Each language is gone at once, but its key is remembered, and with it its text. */
export const longKeys: Attack = {
  name: 'keys of languages with long text, each deleted again',
  run: beside(async ({ server, store, short }) => {
    // What is kept on a disk is not kept in memory: fewer show as much.
    const count = !short ? 110_000 : store === 'memory' ? 30_000 : 2000
    let next = 0
    await Promise.all(Array.from({ length: LANES }, async () => {
      const { send, close } = createConnection(server.address)
      for (let i = next++; i < count; i = next++) {
        const body = { name: `long ${i}`, publication_year: 2000, contribution: '\u{1F600}'.repeat(2000) }
        const { status, text, headers } = await send({ method: 'POST', path: LIST, body, headers: { 'idempotency-key': `long-${i}` } })
        must(status === 201, () => `a POST is ${status}: ${text}`)
        const gone = await send({ method: 'DELETE', path: headers.location ?? '' })
        must(gone.status === 204, () => `a DELETE is ${gone.status}: ${gone.text}`)
      }
      close()
    }))
    return [`${count} keys`]
  })
}
