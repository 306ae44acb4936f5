import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { createConnection } from '../connection.js'
import { must } from '../disagreement.js'
import { LIST, pathOf } from '../languages.js'
import type { Server } from '../program.js'
import type { Attack } from './attack.js'
import { beside } from './beside.js'
import { atMost } from './excess.js'
import type { Order } from './slow.js'
import { openWire, requestText, type Wire } from './wire.js'

const EACH = 500

/** The connections of those who must not notice. */
const CONNECTIONS = 10

/** So many languages with long text make a page of 2 MB. */
const LONG = 1000

/** How long, in milliseconds, the load is measured; how often with and without slow clients; what share of it must be left. */
const TIME = 1500
const TURNS = 3
const SHARE = 0.9

/** How long, in milliseconds, what they asked for may take to be made. Of PostgreSQL, each page is a query, which waits for a connection for 5 s at most. */
const SETTLING = 1000
const SETTLING_IN_POSTGRES = 8000

/** How long, in milliseconds, the slow ones may stay; how many may be left, and be others. */
const PATIENCE = 90_000
const OTHERS = 10

/** Clients that send their fields, or a body, a byte a second, and clients that do not read what they asked for. */
export const slowClients: Attack = {
  name: `${EACH} slow clients of each kind`,
  run: beside(async ({ server, store }) => {
    await fill(server)
    const wires = await Promise.all(Array.from({ length: CONNECTIONS }, () => openWire(server.address)))
    const clients = fork(new URL('slow.ts', import.meta.url))
    const ask = async (each: number) => {
      const order: Order = { address: server.address, each }
      clients.send(order)
      await once(clients, 'message')
    }
    try {
      const without: number[] = []
      const beside: number[] = []
      for (let turn = 0; turn < TURNS; turn++) {
        without.push(await measureLoad(wires))
        await ask(EACH)
        await pause(store === 'postgres' ? SETTLING_IN_POSTGRES : SETTLING)
        beside.push(await measureLoad(wires))
        await ask(0)
      }
      const share = Math.max(...beside) / Math.max(...without)
      const before = descriptorsOf(server)
      await ask(EACH)
      const begin = performance.now()
      const opened = descriptorsOf(server) - before
      while (descriptorsOf(server) > before + OTHERS && performance.now() - begin < PATIENCE) await pause(200)
      const left = descriptorsOf(server) - before
      const stayed = (performance.now() - begin) / 1000
      must(left <= OTHERS, () => `after ${stayed.toFixed(0)} s, ${left} of ${opened} slow clients are still there`)
      atMost(1 / SHARE, 1 / share, () => 'how much longer others wait beside them')
      return [`others had ${share.toFixed(2)} of their throughput`, `all were cut off within ${stayed.toFixed(0)} s`]
    } finally {
      clients.kill()
      for (const wire of wires) wire.close()
    }
  })
}

async function fill ({ address }: Server): Promise<void> {
  const { send, close } = createConnection(address)
  const body = { name: 'long', publication_year: 2000, contribution: 'x'.repeat(2000) }
  for (let i = 0; i < LONG; i++) await send({ method: 'POST', path: LIST, body })
  close()
}

/** How many answers a second there are to clients who read one language after the other. */
async function measureLoad (wires: readonly Wire[]): Promise<number> {
  const end = performance.now() + TIME
  let answers = 0
  await Promise.all(wires.map(async (wire, i) => {
    const request = requestText('GET', pathOf(i % 8))
    while (performance.now() < end) {
      wire.write(request)
      const answer = await wire.read()
      must(answer?.status === 200 || answer?.status === 503, () => `a GET beside them is ${answer?.status ?? 'not answered'}`)
      answers++
    }
  }))
  return answers / TIME * 1000
}

/** How many files a process has open, its connections among them. */
const descriptorsOf = ({ pid }: Server): number => readdirSync(`/proc/${pid}/fd`).length
