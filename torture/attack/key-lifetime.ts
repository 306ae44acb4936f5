import { createConnection } from '../connection.js'
import { must } from '../disagreement.js'
import { LIST, makeFields } from '../languages.js'
import { Ended } from '../program.js'
import type { Attack } from './attack.js'

/** A setting that no clock reaches: either the program says so at the start, or it works. */
export const keyLifetime: Attack = {
  name: 'keys that are to be remembered for ever',
  async run (arena) {
    const site = await arena.fresh()
    const server = await arena.start(site, { settings: { IDEMPOTENCY_KEY_LIFETIME: String(Number.MAX_SAFE_INTEGER) } }).catch(refusal)
    if (server === undefined) return ['refused at the start']
    const { send, close } = createConnection(server.address)
    const request = { method: 'POST', path: LIST, body: makeFields('for ever', 0, 'key lifetime'), headers: { 'idempotency-key': 'for-ever' } }
    const [first, second] = [await send(request), await send(request)]
    close()
    must(first.status === 201 && second.text === first.text, () => `a POST is ${first.status}, and ${second.status} when it is sent again: ${second.text}`)
    return ['taken']
  }
}

function refusal (error: unknown): undefined {
  if (!(error instanceof Ended)) throw error
  must(error.isRefusal, () => error.message)
}
