import { parseArgs } from 'node:util'
import { OPERATIONS } from './operations.mjs'
import { SERVERS } from './servers.mjs'

export const USAGE = `Usage: npm run bench -- [options]

  --quick           some minutes: one round, and shorter slices
  --only a,b        only these servers: ${SERVERS.map(({ name }) => name).join(', ')}
  --ops a,b         only these operations: ${[...OPERATIONS.map(({ name }) => name), 'startup', 'latency'].join(', ')}
  --node X          what runs the JavaScript servers: a path, a version of Node.js from npm, such as 24, or bun or deno, as bun@1.4.5
  --product DIR     measure the build in this folder instead of the one around bench/
  --rounds N        how often each server is started anew for each operation
  --slices N        how often each server is loaded in a round, in turn with the others
  --seconds S       for how long each time
  --name X          write results/X.json and results/X.svg; default: bench, or quick or partial where it was that
  --help            this`

/**
 * How thorough the two kinds of run are. Times are in seconds: of the warm-up, which lasts up to `patience` times as
 * long where the server has to share its core; of each of the slices; of the longest slice, for a slow server.
 */
const PLANS = {
  full: { rounds: 3, warmup: 1.5, patience: 2, slices: 8, seconds: 1, slowest: 5, startups: 15, latencySeconds: 1 },
  quick: { rounds: 1, warmup: 0.5, patience: 1.4, slices: 5, seconds: 0.2, slowest: 0.6, startups: 3, latencySeconds: 0.5 }
}

/** What the command line asks for. Throws where it asks for what is not there. */
export function readOptions (args) {
  const { values } = parseArgs({
    args,
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string' },
      ops: { type: 'string' },
      node: { type: 'string' },
      product: { type: 'string' },
      rounds: { type: 'string' },
      slices: { type: 'string' },
      seconds: { type: 'string' },
      name: { type: 'string' },
      help: { type: 'boolean', default: false }
    }
  })
  const { quick, only, ops, node, product, help } = values
  const plan = { ...PLANS[quick ? 'quick' : 'full'] }
  if (values.rounds) plan.rounds = toNumber(values.rounds)
  if (values.slices) plan.slices = toNumber(values.slices)
  if (values.seconds) plan.seconds = toNumber(values.seconds)
  const partial = [only, ops, node, product, values.rounds, values.slices, values.seconds].some((value) => value !== undefined)
  return {
    quick,
    help,
    plan,
    node,
    product,
    servers: pick(SERVERS.map(({ name }) => name), only),
    operations: pick([...OPERATIONS.map(({ name }) => name), 'startup', 'latency'], ops),
    name: values.name ?? (partial ? 'partial' : quick ? 'quick' : 'bench')
  }
}

function pick (known, list) {
  const names = list?.split(',') ?? known
  const unknown = names.find((name) => !known.includes(name))
  if (unknown !== undefined) throw new Error(`there is no ${unknown}: only ${known.join(', ')}`)
  return known.filter((name) => names.includes(name))
}

function toNumber (text) {
  const number = Number(text)
  if (!(number > 0)) throw new Error(`${text} must be a number above 0`)
  return number
}
