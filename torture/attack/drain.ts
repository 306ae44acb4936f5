import { setTimeout as pause } from 'node:timers/promises'
import { must } from '../disagreement.js'
import { LIST, makeFields, pathOf } from '../languages.js'
import type { Attack } from './attack.js'
import { openWire, requestText, type Wire } from './wire.js'

const CLIENTS = 200

/** For how many milliseconds there is load before the signal; how long a client rests at most; how long the end may take. */
const LOAD = 500
const LONGEST_REST = 20
const MOST = 15_000

/** The process is told to end while clients use connections that last. */
export const drain: Attack = {
  name: 'SIGTERM under load',
  async run (arena) {
    const server = await arena.start(await arena.fresh())
    const wires = await Promise.all(Array.from({ length: CLIENTS }, () => openWire(server.address)))
    const outcomes = Promise.all(wires.map((wire, i) => use(wire, i, arena.random.below(LONGEST_REST))))
    await pause(LOAD)
    const begin = performance.now()
    server.child.kill('SIGTERM')
    const told = await outcomes
    const code = await Promise.race([server.ended, pause(MOST, 'not in time', { ref: false })])
    const took = performance.now() - begin
    for (const wire of wires) wire.close()
    const lost = told.filter((outcome) => outcome === 'lost').length
    must(code === 0, () => `the process ended with ${code}`)
    must(lost === 0, () => `${lost} of ${CLIENTS} clients sent a request into a closing connection of which no answer had said so`)
    return [`${told.filter((outcome) => outcome === 'told').length} of ${CLIENTS} clients told, ended after ${took.toFixed(0)} ms`]
  }
}

/**
 * Sends one request after the other until an answer says that it was the last. Says whether that was so, whether the connection was
 * closed while nothing was under way, or a request was lost.
 */
async function use (wire: Wire, client: number, rest: number): Promise<'told' | 'closed' | 'lost'> {
  for (let turn = 0; !wire.isClosed(); turn++) {
    wire.write(turn % 2 === 0 ? requestText('GET', pathOf(client % 8)) : requestText('POST', LIST, [], JSON.stringify(makeFields(`drain ${client}`, turn, 'drain'))))
    const answer = await wire.read()
    if (answer === undefined) return 'lost'
    if (answer.headers.connection === 'close') return 'told'
    await pause(rest)
  }
  return 'closed'
}
