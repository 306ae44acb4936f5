import { parseArgs } from 'node:util'
import { HEAP, memoryOf, type Memory } from '../memory.js'
import { buildProgram } from '../program.js'
import { STORES } from '../stores.js'
import { openLoad } from './load.js'

const USAGE = `Usage: npm run soak -- [options]

Keeps a server at full load with creates and deletes, keys, and lists that never repeat, and compares what its processes hold
in their heaps after a collection at the end with what they held after the first minute. Ends with 1 where it is more.

  --minutes N   for how long; default: 10
  --store X     where the records live: ${Object.keys(STORES).join(', ')}; default: memory
  --workers N   how many processes serve; default: 1
  --help        this`

const MINUTE = 60_000

/** For how many seconds keys are remembered: few enough that the first minute has as many of them as any. */
const KEY_LIFETIME = 15

/** How much of what a heap had after the first minute it may have at the end. */
const MOST = 1.05

const MEGABYTE = 1e6

// What it has started ends with it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130))

run(process.argv.slice(2)).catch((error: unknown) => {
  process.stdout.write(`not ok - ${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(1)
})

async function run (args: string[]): Promise<void> {
  const { minutes, store, workers, help } = readOptions(args)
  if (help) {
    process.stdout.write(`${USAGE}\n`)
    return
  }
  const ground = await STORES[store]?.()
  if (ground === undefined) throw new Error(`there is no store ${store}, only ${Object.keys(STORES).join(', ')}`)
  const settings = { WORKERS: String(workers), IDEMPOTENCY_KEY_LIFETIME: String(KEY_LIFETIME) }
  const server = await buildProgram(HEAP).start(ground.url, { preload: HEAP, settings })
  try {
    const load = await openLoad(server.address)
    const begin = performance.now()
    await load.run(MINUTE)
    const first = await memoryOf(server)
    let last = first
    for (let minute = 2; minute - 1 < minutes; minute++) {
      await load.run(begin + Math.min(minute, minutes) * MINUTE - performance.now())
      last = await memoryOf(server)
      process.stderr.write(`after ${Math.min(minute, minutes)} minutes: ${Array.from(last.values(), describe).join(', ')}\n`)
    }
    process.stdout.write(`ok - ${store}, ${minutes} minutes: ${load.answers()} requests were answered as they must be\n`)
    for (const [pid, memory] of first) report(pid === server.pid ? 'the process' : `worker ${pid}`, memory, last.get(pid))
    load.close()
  } finally {
    await server.kill()
    await ground.remove()
  }
}

/** Says what a process held, and whether that was enough. One that was replaced meanwhile holds nothing any more. */
function report (name: string, first: Memory, last: Memory | undefined): void {
  const holds = last !== undefined && last.heap <= first.heap * MOST
  if (!holds) process.exitCode = 1
  process.stdout.write(`${holds ? 'ok' : 'not ok'} - ${name} had a heap of ${describe(first)} after the first minute, and of ${last === undefined ? 'none' : describe(last)} at the end\n`)
}

const describe = ({ heap, external, resident }: Memory): string => `${inMegabytes(heap)} MB (and ${inMegabytes(external)} outside of it, resident ${inMegabytes(resident)})`
const inMegabytes = (bytes: number): string => (bytes / MEGABYTE).toFixed(1)

function readOptions (args: string[]) {
  const { values: { minutes, workers, ...others } } = parseArgs({
    args,
    options: {
      minutes: { type: 'string', default: '10' },
      store: { type: 'string', default: 'memory' },
      workers: { type: 'string', default: '1' },
      help: { type: 'boolean', default: false }
    }
  })
  if (!(Number(minutes) > 1)) throw new Error('--minutes must be more than 1')
  return { minutes: Number(minutes), workers: Number(workers), ...others }
}
