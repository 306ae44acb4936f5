import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { SITES } from './attack/sites.js'
import { RESOURCES } from './resources.js'
import { STORES } from './stores.js'

const ATTACKED = [...SITES.keys()]
const ALL = 'all'

export const USAGE = `Usage: npm run torture -- [options]

Writes from 50 connections, kills the server at a random moment, restarts it, and compares what is there with what the
clients know. Ends with 1 at the first disagreement.

  --resource X  what the records are: ${Object.keys(RESOURCES).join(', ')}, or all in turn; default: all
  --rounds N    how often to kill, for each resource; default: 20
  --store X     where the records live: ${Object.keys(STORES).join(', ')}; default: lmdb. A server that keeps them in memory is
                not killed, but all connections to it are cut
  --seed N      makes the same choices again, though not at the same instants; default: a random one, which is shown
  --help        this

With --attack, does to the server on purpose what may hurt others, beside a client who must not notice. Says of each
attack whether that held, and ends with 1 if one did not.

  --attack      attack, and do not kill
  --store X     ${ATTACKED.join(', ')} or all; default: all
  --short       with fewer records, and for less time
  --only X      only the attacks whose names have this in them
  --skip X      not the attacks whose names have this in them`

export interface Options {
  readonly rounds: number
  readonly store: string
  readonly resource: string
  readonly seed: number
  readonly help: boolean
  readonly attack: boolean
  readonly short: boolean
  readonly only: string
  readonly skip?: string | undefined
}

/** What the command line asks for. Throws where it asks for what is not there. */
export function readOptions (args: string[]): Options {
  const { values: { rounds, seed, store: asked, ...others } } = parseArgs({
    args,
    options: {
      rounds: { type: 'string', default: '20' },
      store: { type: 'string' },
      resource: { type: 'string', default: ALL },
      seed: { type: 'string', default: String(randomInt(1_000_000)) },
      help: { type: 'boolean', default: false },
      attack: { type: 'boolean', default: false },
      short: { type: 'boolean', default: false },
      only: { type: 'string', default: '' },
      skip: { type: 'string' }
    }
  })
  const store = asked ?? (others.attack ? ALL : 'lmdb')
  const known: readonly string[] = others.attack ? [...ATTACKED, ALL] : Object.keys(STORES)
  if (!known.includes(store)) throw new Error(`there is no store ${store}, only ${known.join(', ')}`)
  if (others.resource !== ALL && !(others.resource in RESOURCES)) throw new Error(`there is no resource ${others.resource}, only ${Object.keys(RESOURCES).join(', ')}`)
  return { rounds: toInteger('rounds', rounds), store, seed: toInteger('seed', seed), ...others }
}

function toInteger (option: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`--${option} must be a number, and is ${text}`)
  return Number(text)
}
