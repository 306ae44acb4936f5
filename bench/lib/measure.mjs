import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { checkLoad } from './check.mjs'
import { createClient, freePort, HOST } from './http.mjs'
import { applyConstantRate, applyLoad } from './load.mjs'
import { CONNECTIONS } from './operations.mjs'
import { hasEnded, ranBetween, start, stop, timesOf } from './processes.mjs'
import { BENCH } from './servers.mjs'
import { PATIENCE, Slow } from './slow.mjs'
import { median } from './statistics.mjs'

/** How many answers a slice should have, so that a slow server is not measured by a few. */
const ENOUGH = 100

/**
 * One round of an operation. Starts each server anew, compares its answers and warms it up; then loads one after the
 * other for a short slice, and again, so that what slows the machine down for a second or more slows all of them.
 * Gives a sample for each server that has the operation; `rate` is in requests a second, `processor` in microseconds a
 * request. One that is too slow says so in `slow`.
 */
export async function takeRound (servers, operation, bench) {
  return withServers(servers, operation.records, bench, async (running) => {
    for (const one of running) {
      await unlessSlow(one, () => prepare(one, operation, bench))
      bench.progress.step(`${operation.title}: ${one.server.title} ${one.slow ?? (one.count === 0 ? 'has no such thing' : 'is warm')}`)
    }
    for (let i = 0; i < bench.plan.slices; i++) {
      for (const one of running) {
        if (i < one.count) await unlessSlow(one, async () => one.slices.push(await takeSlice(one, operation, bench)))
      }
    }
    return running.filter(({ slow, count }) => slow !== undefined || count > 0).map(toSample)
  })
}

/** The time from the start of a process to its first answer, and the processor time in it, in milliseconds. */
export async function takeStartup (server, bench) {
  return withServers([server], 8, bench, async ([{ child, startup, slow }]) => ({ startup, slow, processor: (timesOf(child)?.whole ?? NaN) / 1e6 }))
}

/** The latencies of an operation, in milliseconds, at a constant rate: slices in turn, as in `takeRound`. */
export async function takeLatencies (servers, operation, rate, bench) {
  const { plan: { slices, latencySeconds }, cores: { load: cores } } = bench
  return withServers(servers, operation.records, bench, async (running) => {
    const samples = []
    for (const one of running) {
      await unlessSlow(one, () => prepare(one, operation, bench))
      bench.progress.step(`latency: ${one.server.title} is warm`)
    }
    for (let i = 0; i < slices; i++) {
      for (const one of running) {
        await unlessSlow(one, async () => {
          const { server, port, requests } = one
          samples.push({ server: server.name, asked: rate, ...await applyConstantRate({ port, requests, rate, seconds: latencySeconds, cores }) })
        })
      }
    }
    return samples
  })
}

/** Whether the server had less than its core to itself: another program took some of it, or of the generator's. */
export const isDisturbed = ({ cpu }) => cpu < 0.95

/** Checks and warms up a running server, and finds how many slices there are to be: none where it does not have the operation. */
async function prepare (one, operation, bench) {
  const { server, client } = one
  const { plan: { seconds, slowest, patience } } = bench
  // CPython compiles nothing while it runs: it is warm at once, and as fast in one slice as in the next.
  const [warmup, slices] = server.python ? [0.1, Math.ceil(bench.plan.slices / 3)] : [bench.plan.warmup, bench.plan.slices]
  const requests = await operation.make(client.ask)
  if (requests === undefined) return
  const answers = []
  for (const request of requests.slice(0, operation.checked)) answers.push(await client.ask(request))
  bench.check(operation, server, requests, answers)

  Object.assign(one, { requests, answers })
  const warm = await load(one, operation, bench, { seconds: warmup, most: warmup * patience })
  await calm(one)
  one.seconds = Math.min(slowest, Math.max(seconds, ENOUGH * warm.seconds / warm.requests))
  one.count = Math.max(1, Math.round(seconds * slices / one.seconds))
}

async function takeSlice (one, operation, bench) {
  const { child, seconds, answers } = one
  const { before, after, ...result } = await load(one, operation, bench, { seconds, most: seconds })
  if (hasEnded(child)) throw new Error(`it ended under load: ${child.complaint}`)
  checkLoad(result, answers, operation.connections ?? CONNECTIONS)
  await calm(one)
  return { rate: result.requests / result.seconds, ...result, ...usage(before, after, result) }
}

function load ({ child: server, port, requests }, { connections = CONNECTIONS }, { cores: { load: cores }, folder }, duration) {
  return applyLoad({ server, port, requests, connections, cores, folder, ...duration })
}

/** Waits until a slow server is done with the requests for whose answers nobody waits any more. */
async function calm ({ client, requests }) {
  await client.ask(requests[0])
}

/** What a server used of its core, what of its time it had to wait for the core, and the processor time of a request. */
function usage (before, after, { requests, seconds }) {
  if (before === undefined || after === undefined) return {}
  const ran = ranBetween(before, after) / 1e9
  return { cpu: ran / seconds, waited: (after.waited - before.waited) / 1e9 / seconds, processor: ran / requests * 1e6 }
}

function toSample ({ server, startup, slow, slices }) {
  if (slow !== undefined) return { server: server.name, slow, slices: [] }
  const values = (key) => slices.map((slice) => slice[key])
  return { server: server.name, startup, rate: median(values('rate')), processor: Math.min(...values('processor')), cpu: median(values('cpu')), p99: median(values('p99')), slices }
}

/** Starts servers, does something with them, and ends them, whatever happens. */
async function withServers (servers, records, bench, use) {
  const running = []
  try {
    for (const server of servers) {
      const one = { server, slices: [], count: 0, ...await launch(server, records, bench) }
      running.push(one)
      await unlessSlow(one, async () => { one.startup = await firstAnswer(one) })
    }
    return await use(running)
  } finally {
    for (const { child, client } of running) {
      client.close()
      await stop(child)
    }
  }
}

async function launch (server, records, { node, product, cores, files, stores }) {
  const port = await freePort()
  const url = await stores.urlFor(server)
  const env = {
    PORT: String(port),
    HOST,
    ...(url && { STORE: url }),
    ...(server.workers && { WORKERS: String(server.workers) }),
    RECORDS: files.get(records),
    PRODUCT: product,
    NODE_ENV: 'production',
    PYTHONPATH: join(BENCH, 'peers'),
    PYTHONDONTWRITEBYTECODE: '1'
  }
  const begin = performance.now()
  const child = start(server.command({ node, product, port, records }), { cores: server.workers ? cores.workers : cores.server, env })
  return { port, child, begin, client: createClient(port) }
}

/** Waits for the first answer; gives how long it took from the start of the process, in milliseconds. */
async function firstAnswer ({ child, client, begin }) {
  while (performance.now() - begin < PATIENCE * 1000) {
    try {
      await client.ask({ method: 'GET', path: '/programming_languages/0' })
      return performance.now() - begin
    } catch (error) {
      if (error.code !== 'ECONNREFUSED' && error.code !== 'ECONNRESET') throw error
    }
    if (hasEnded(child)) throw new Error(`it does not start: ${child.complaint}`)
    await pause(1)
  }
  throw new Slow('no start')
}

/** Does something with a server, unless it is known to be too slow, and notes where it turns out to be. Says in another error which server it is about. */
async function unlessSlow (one, act) {
  if (one.slow !== undefined) return
  try {
    await act()
  } catch (error) {
    if (!(error instanceof Slow)) throw new Error(`${one.server.title}: ${error.message}`, { cause: error })
    one.slow = error.message
    one.count = 0
  }
}
