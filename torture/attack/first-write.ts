import { createConnection } from '../connection.js'
import { must } from '../disagreement.js'
import { LIST, makeFields } from '../languages.js'
import type { Attack } from './attack.js'
import { HOST } from './sites.js'

const STORES = 10
const LISTS = 40

/** A store that never held a record is read while its first is written. */
export const firstWrite: Attack = {
  name: 'lists beside the first write of all',
  async run (arena) {
    for (let i = 0; i < STORES; i++) {
      const server = await arena.start(await arena.fresh(), { entry: HOST, settings: { RECORDS: '0' } })
      const list = { method: 'GET', path: LIST }
      const create = { method: 'POST', path: LIST, body: makeFields('the first', 0, 'first write') }
      const connections = Array.from({ length: LISTS }, () => createConnection(server.address))
      const answers = await Promise.all(connections.flatMap(({ send }, i) => i === LISTS / 2 ? [send(create), send(list)] : [send(list)]))
      for (const { close } of connections) close()
      const bad = answers.find(({ status }) => status !== 200 && status !== 201)
      must(bad === undefined, () => `beside the first write, an answer is ${bad?.status}: ${bad?.text}`)
      await server.kill()
    }
    return [`${STORES} new stores`]
  }
}
