import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { STORES } from './stores.js'

export const USAGE = `Usage: npm run torture -- [options]

Writes from 50 connections, kills the server at a random moment, restarts it, and compares what is there with what the
clients know. Ends with 1 at the first disagreement.

  --rounds N    how often to kill; default: 20
  --store X     where the records live: ${Object.keys(STORES).join(', ')}; default: lmdb
  --seed N      makes the same choices again, though not at the same instants; default: a random one, which is shown
  --help        this`

export interface Options {
  readonly rounds: number
  readonly store: string
  readonly seed: number
  readonly help: boolean
}

/** What the command line asks for. Throws where it asks for what is not there. */
export function readOptions (args: string[]): Options {
  const { values: { rounds, store, seed, help } } = parseArgs({
    args,
    options: {
      rounds: { type: 'string', default: '20' },
      store: { type: 'string', default: 'lmdb' },
      seed: { type: 'string', default: String(randomInt(1_000_000)) },
      help: { type: 'boolean', default: false }
    }
  })
  if (!(store in STORES)) throw new Error(`there is no store ${store}, only ${Object.keys(STORES).join(', ')}`)
  return { rounds: toInteger('rounds', rounds), store, seed: toInteger('seed', seed), help }
}

function toInteger (option: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`--${option} must be a number, and is ${text}`)
  return Number(text)
}
