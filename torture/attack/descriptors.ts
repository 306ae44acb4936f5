import { connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { createConnection } from '../connection.js'
import { must } from '../disagreement.js'
import type { Attack } from './attack.js'
import { beside } from './beside.js'

/** How many files the process may have open, and how many connections somebody opens. */
const DESCRIPTORS = 80
const CONNECTIONS = 300

/** How long, in milliseconds, they stay, so that the process looks for files meanwhile, and after how long it must have noticed that they are gone. */
const STAY = 7000
const AFTER = 1000

/** More connections than the process may have files open. */
export const descriptors: Attack = {
  name: 'file descriptors that run out',
  run: beside(async ({ server }) => {
    const { hostname, port } = new URL(server.address)
    const sockets = Array.from({ length: CONNECTIONS }, () => connect(Number(port), hostname).on('error', () => {}))
    await pause(STAY)
    const open = sockets.filter(({ readyState }) => readyState === 'open').length
    for (const socket of sockets) socket.destroy()
    await pause(AFTER)
    const { send, close } = createConnection(server.address)
    const { status } = await send({ method: 'GET', path: '/health' })
    close()
    must(status === 200, () => `a connection that is opened after it has ${status}`)
    // A request that gets no connection to its database for want of one is a line of its own.
    const lines = server.output().match(/connections cannot be accepted/g)?.length ?? 0
    must(lines === 1, () => `the log has ${lines} lines about it`)
    return [`${open} of ${CONNECTIONS} connections stayed open`, `${lines} lines in the log`]
  }, { launch: { before: ['bash', '-c', `ulimit -n ${DESCRIPTORS}; exec "$@"`, 'bash'] } })
}
