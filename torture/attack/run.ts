import { setTimeout as pause } from 'node:timers/promises'
import { createBystander } from './beside.js'
import { buildProgram, type Program, type Server } from '../program.js'
import { createRandom } from '../random.js'
import type { Arena, Attack } from './attack.js'
import { ATTACKS } from './attacks.js'
import { Excess } from './excess.js'
import { HEARTBEAT } from './heart.js'
import { HOST, SITES, type Sites } from './sites.js'

export interface AttackOptions {
  /** The name of a store, or `all`. */
  readonly store: string
  readonly seed: number
  /** Whether CI waits for it. */
  readonly short: boolean
  /** What the names of the attacks have in them that are made. */
  readonly only: string
  /** What the names of the attacks have in them that are not made. */
  readonly skip?: string | undefined
}

/** How many records a store with many has. */
const MANY = 1_000_000
const SHORT_MANY = 200_000

/** How long, in milliseconds, an attack may take. */
const MOST_TIME = 600_000

/** How often an attack is made whose figures are not what they must be: the best counts, because the machine has other work too. */
const TRIES = 3

/** Attacks the program on some stores, one attack after the other. Prints what held, and says how many attacks did not. */
export async function attackStores ({ store: asked, seed, short, only, skip }: AttackOptions): Promise<number> {
  const program = buildProgram(HOST, HEARTBEAT)
  const bystander = createBystander()
  const many = short ? SHORT_MANY : MANY
  let held = 0
  let failed = 0
  for (const [store, open] of SITES) {
    if (asked !== 'all' && asked !== store) continue
    const sites = await open(program, many)
    const filled = lazily(sites.fill)
    const common = { store, short, many, bystander, filled }
    for (const [i, attack] of ATTACKS.entries()) {
      if (attack.stores?.includes(store) === false || !attack.name.includes(only)) continue
      if (skip !== undefined && attack.name.includes(skip)) continue
      const begin = performance.now()
      const { holds, figures } = await tryAttack(attack, () => arenaOf(program, sites, { ...common, random: createRandom(seed, i) }))
      const seconds = ((performance.now() - begin) / 1000).toFixed(0)
      process.stdout.write(`${holds ? 'ok' : 'not ok'} - ${store}, ${attack.name}: ${[...figures, `${seconds} s`].join('; ')}\n`)
      if (holds) held++
      else failed++
    }
    await sites.remove()
  }
  bystander.close()
  process.stdout.write(`${held} attacks held, ${failed} did not\n`)
  return failed
}

interface Outcome {
  readonly holds: boolean
  readonly figures: readonly string[]
}

async function tryAttack (attack: Attack, createArena: () => Arena & { end (): Promise<void> }): Promise<Outcome> {
  for (let tries = 1; ; tries++) {
    const arena = createArena()
    try {
      const late = pause(MOST_TIME, undefined, { ref: false }).then(() => { throw new Error(`it did not end in ${MOST_TIME / 1000} s`) })
      return { holds: true, figures: await Promise.race([attack.run(arena), late]) }
    } catch (error) {
      if (!(error instanceof Excess) || tries === TRIES) return { holds: false, figures: [String(error instanceof Error ? error.message : error)] }
    } finally {
      await arena.end()
    }
  }
}

/** What an attack works with, and what ends all that it has started. */
function arenaOf (program: Program, sites: Sites, given: Omit<Arena, 'fresh' | 'start'>): Arena & { end (): Promise<void> } {
  const started: Server[] = []
  return {
    ...given,
    fresh: sites.fresh,

    async start (site, launch = {}) {
      const server = await program.start(site.url, { ...site.launch, ...launch, preload: HEARTBEAT })
      started.push(server)
      return server
    },

    async end () {
      for (const server of started) await server.kill()
    }
  }
}

/** Makes something when it is first asked for, and only then. */
function lazily<T> (make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => {
    made ??= make()
    return made
  }
}
