import { reasonOf } from '../../program/failure.js'
import { createRandom } from '../random.js'
import { must } from '../disagreement.js'
import type { Server } from '../program.js'
import type { Attack } from './attack.js'
import { CANDIDATES, type Make } from './candidates.js'
import { change, makeBy, type Choices } from './choices.js'
import { atMost } from './excess.js'
import { longestBlock } from './heart.js'
import { openWire, type Wire } from './wire.js'

/** For how many milliseconds a request may block the event loop. */
const MOST = 100

/** For how many milliseconds each kind of requests is searched. */
const TIME = 60_000
const SHORT_TIME = 6000

/** How many of the worst are changed in search of worse, and how often it is one of these that is tried next. */
const KEPT = 5
const CHANGED = 0.6

/** How often a request is sent that may be the worst: of its times the least counts, because the machine has other work too. */
const TRIES = 3

interface Found {
  readonly request: string
  readonly choices: Choices
  readonly blocked: number
}

/** Looks for the one request that blocks the event loop for longest. */
export const search: Attack = {
  name: 'the one request that blocks longest',
  async run (arena) {
    const server = await arena.start(await arena.filled())
    const seed = arena.random.below(1e9)
    const figures: string[] = []
    for (const [kind, make] of Object.entries(CANDIDATES)) {
      const { worst, tried } = await searchKind(server, make, seed, arena.short ? SHORT_TIME : TIME)
      atMost(MOST, worst.blocked, () => `the milliseconds that one of the ${kind} blocks the event loop for, ${summaryOf(worst.request)}`)
      figures.push(`${kind}: ${worst.blocked.toFixed(0)} ms, the worst of ${tried}, ${summaryOf(worst.request)}`)
    }
    return figures
  }
}

async function searchKind (server: Server, make: Make, seed: number, time: number): Promise<{ worst: Found, tried: number }> {
  const random = createRandom(seed)
  let found: Found[] = []
  let tried = 0
  for (const end = performance.now() + time; performance.now() < end; tried++) {
    const parent = random.chance(CHANGED) ? found[random.below(found.length)] : undefined
    const { made: request, choices } = makeBy(parent === undefined ? [] : change(parent.choices, random), random, make)
    const blocked = await measure(server, request, found.length < KEPT ? 0 : found.at(-1)?.blocked ?? 0)
    found = [...found, { request, choices, blocked }].sort((a, b) => b.blocked - a.blocked).slice(0, KEPT)
  }
  const [worst] = found
  must(worst !== undefined, () => 'nothing was tried')
  return { worst, tried }
}

/** For how many milliseconds a request blocks the event loop; sent again while that may be more than this. */
async function measure (server: Server, request: string, interesting: number): Promise<number> {
  let least = Infinity
  for (let i = 0; i < TRIES; i++) {
    const wire = await openWire(server.address)
    least = Math.min(least, await blockedBy(server, wire, request))
    wire.close()
    if (least <= interesting) break
  }
  return least
}

async function blockedBy (server: Server, wire: Wire, request: string): Promise<number> {
  await longestBlock(server)
  wire.write(request)
  await wire.read().catch((cause: unknown) => { throw new Error(`${reasonOf(cause)} to ${summaryOf(request)}`, { cause }) })
  return await longestBlock(server)
}

/** The beginning of a request, and how long it is. */
function summaryOf (request: string): string {
  const [head = '', content = ''] = request.split('\r\n\r\n')
  const [line = '', , ...fields] = head.split('\r\n')
  return [line, ...fields, content].map((part) => part.length > 80 ? `${part.slice(0, 80)}… (${part.length})` : part).filter((part) => part !== '').join(' | ')
}
