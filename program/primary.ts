import cluster, { type Worker } from 'node:cluster'
import { setTimeout as sleep } from 'node:timers/promises'
import { pino } from 'pino'
import type { Api } from '../routes/api.js'
import { reasonOf } from './failure.js'
import { announce, closeBeforeEnd, GRACE, reloadTokens, signalsToReload } from './process.js'
import type { Settings } from './settings.js'
import { readTokens } from './tokens.js'
import { ASK, RETIRE, type Order, type Report } from './worker.js'

/** The pauses, in milliseconds, before a worker is replaced: the next is twice as long, where one dies again within a minute. */
const FIRST_PAUSE = 100
const LONGEST_PAUSE = 10_000
const MINUTE = 60_000

/** A worker, from its start on. */
type Running = ReturnType<typeof observe>

/**
 * Starts the workers, says where they listen when all of them do, and from then on replaces one that dies. Throws where
 * one cannot start: what keeps it from that would keep its replacements from it too.
 */
export async function supervise (api: Api, settings: Settings): Promise<void> {
  const { STORE: store, WORKERS: count, LOG_LEVEL: level, SHUTDOWN_DELAY: shutdownDelay, METRICS: hasMetrics } = settings
  refuseMemory(store)
  // Each worker takes connections from the port itself. By turns, through this process, is a fifth slower where each
  // request has a connection of its own; and a connection on its way to a worker that dies would never be answered.
  cluster.schedulingPolicy = cluster.SCHED_NONE
  const log = pino({ level })
  // No worker reads them: a file that changes would make the workers differ, and keep one from starting in the place of another.
  let tokens = readTokens(settings)
  if (hasMetrics) (await import('./metrics-of-all.js')).tellMetrics()
  const running = new Set<Running>()
  let draining = false
  const grace = closeBeforeEnd(log, { delay: shutdownDelay * 1000 + GRACE + 2000, onSecondSignal: kill, skip: signalsToReload(settings) }, async (signal) => {
    draining = true
    for (const one of running) one.retire()
    if (signal !== undefined) await sleep(shutdownDelay * 1000)
    await drain()
  })
  cluster.on('message', (worker, { type }: { type?: unknown }) => { if (type === ASK.type) tellTokens(worker) })
  reloadTokens(settings, log, (read) => {
    tokens = read
    for (const { worker } of running) tellTokens(worker)
  })
  try {
    const first = Array.from({ length: count }, launch)
    const [addresses = []] = await Promise.all(first.map(untilListening))
    announce(log, api, settings, addresses)
    for (const one of first) void keep(one)
  } catch (error) {
    // Told to end before they all listened, it has not failed to start.
    if (draining) return
    grace.uninstall()
    await drain()
    throw error
  }

  function tellTokens (worker: Worker): void {
    const order: Order = { type: 'tokens', tokens }
    // One that dies need not hear of them.
    worker.send(order, () => {})
  }

  function launch (): Running {
    const one = observe(cluster.fork())
    running.add(one)
    void one.ended.then(() => running.delete(one))
    return one
  }

  /** Waits until a worker dies, starts another, and does the same for that; `deaths` are when its predecessors died. */
  async function keep ({ worker, ended }: Running, deaths: readonly number[] = []): Promise<void> {
    const reason = reasonOf(await ended)
    if (draining) return
    const now = Date.now()
    const recent = deaths.filter((death) => death > now - MINUTE)
    const pause = Math.min(FIRST_PAUSE * 2 ** recent.length, LONGEST_PAUSE)
    log.error(`worker ${worker.process.pid} is gone: ${reason}; another starts in ${pause} ms`)
    await sleep(pause)
    if (draining) return
    const next = launch()
    void next.listening.then(() => log.info(`worker ${next.worker.process.pid} listens in its place`))
    return keep(next, [...recent, now])
  }

  /** Lets each worker finish its requests in flight, and waits until all have ended. */
  async function drain (): Promise<void> {
    draining = true
    for (const one of running) one.drain()
    await Promise.all(Array.from(running, ({ ended }) => ended))
  }

  function kill (): void {
    for (const { worker } of running) worker.process.kill('SIGKILL')
  }
}

/** Workers share what is in the store, and no process sees the memory of another. */
function refuseMemory (store: string): void {
  const [scheme = ''] = store.split(':', 1)
  if (scheme === 'memory') throw new Error('several WORKERS need a STORE that they can share: with memory:, each would have records of its own')
}

function observe (worker: Worker) {
  let failure: string | undefined
  let listens = false
  const listening = new Promise<readonly string[]>((resolve) => {
    worker.on('message', (message: Report | object) => {
      if ('failure' in message) {
        failure = message.failure
      } else if ('addresses' in message) {
        listens = true
        resolve(message.addresses)
      }
    })
  })
  /** Why it ended, when it has: an error, or words. */
  const ended = new Promise<unknown>((resolve) => {
    worker.once('exit', (code, signal) => resolve(failure ?? `it ended with ${signal ?? code}`))
    // One that could not even be forked has no exit.
    worker.on('error', resolve)
  })
  return { worker, listening, ended, retire, drain }

  /** Lets it say that others should get the requests. */
  function retire (): void {
    if (listens && worker.isConnected()) worker.send(RETIRE)
    else drain()
  }

  /** Lets it finish its requests in flight. */
  function drain (): void {
    // Before it listens, there is nothing to finish, and perhaps nobody to hear of it.
    if (!listens) worker.process.kill('SIGKILL')
    else if (worker.isConnected()) worker.process.disconnect()
  }
}

/** Where a worker listens. Throws where it ends before it does. */
async function untilListening ({ listening, ended }: Running): Promise<readonly string[]> {
  return Promise.race([listening, ended.then((reason) => { throw new Error(reasonOf(reason)) })])
}
