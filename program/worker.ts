import type { Worker } from 'node:cluster'
import type { Api } from '../routes/api.js'
import { reasonOf } from './failure.js'
import { createService } from './process.js'
import type { Settings } from './settings.js'
import { createTokens } from './tokens.js'

/** The message by which a worker tells its primary, once, where it listens, or why it does not. */
export type Report = { readonly addresses: readonly string[] } | { readonly failure: string }

/** The message by which a worker asks its primary for the tokens: one that came before the worker heeds messages would be lost. */
export const ASK = { type: 'tokens?' }

/** The messages of a primary to a worker: the tokens, when it asks for them and whenever they change, and that others should get the requests. */
export type Order = { readonly type: 'tokens', readonly tokens: readonly string[] } | { readonly type: 'retire' }

export const RETIRE: Order = { type: 'retire' }

/**
 * The signals that a terminal or a service manager sends to all processes of a program. The primary alone decides what is done
 * about them: a worker that ended by itself would look like one to replace.
 */
const SENT_TO_ALL = ['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGTERM'] satisfies NodeJS.Signals[]

/** Serves as one of several. It lives as long as its primary is there and keeps its channel open, and then drains. */
export async function work (api: Api, settings: Settings, worker: Worker): Promise<void> {
  for (const signal of SENT_TO_ALL) process.on(signal, () => {})
  let report: Report
  try {
    const collectMetrics = settings.METRICS ? (await import('./metrics-of-all.js')).askForMetrics(worker) : undefined
    const tokens = createTokens()
    const given = new Promise<void>((resolve) => {
      worker.on('message', (order: Order) => {
        if (order.type !== 'tokens') return
        tokens.replace(order.tokens)
        resolve()
      })
    })
    worker.send(ASK)
    await given
    const { listen, retire, end } = createService(api, settings, { tokens, leftToOthers: SENT_TO_ALL, collectMetrics })
    worker.on('disconnect', () => {
      // Otherwise node:cluster ends the process right here.
      worker.exitedAfterDisconnect = true
      end()
    })
    worker.on('message', ({ type }: Order) => { if (type === RETIRE.type) retire() })
    report = { addresses: await listen() }
  } catch (error) {
    report = { failure: reasonOf(error) }
  }
  worker.send(report, () => { if ('failure' in report) process.exit(1) })
}
