import type { AllEvents } from 'close-with-grace'
import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import { closeBeforeEnd } from './shutdown.js'
import { reasonOf } from './failure.js'
import type { Settings } from './settings.js'
import { createStandalone } from './standalone.js'

/** How long, in milliseconds, the requests in flight may take to finish before the process ends without them. */
export const GRACE = 10_000

/** The API in this process. */
export interface Service {
  /** Starts to serve, and says at which addresses. Where it cannot, it lets go of everything, and throws. */
  listen (): Promise<readonly string[]>
  /** Lets the requests in flight finish, and ends the process. */
  end (): void
  log: FastifyBaseLogger
}

/** Serves in this process alone. */
export async function serve (settings: Settings): Promise<void> {
  const { listen, log } = createService(settings)
  announce(log, await listen())
}

/** Says where it listens. */
export function announce (log: Pick<FastifyBaseLogger, 'info'>, addresses: readonly string[]): void {
  for (const address of addresses) log.info(`listening at ${address}, documentation at ${address}/docs`)
}

/** Makes the API in this process. It ends by any signal that asks for it, but those that are left to others. */
export function createService (settings: Settings, leftToOthers: AllEvents[] = []): Service {
  const { HOST: host, PORT: port, STORE: store, IDEMPOTENCY_KEY_LIFETIME: keyLifetime, STORE_WAIT: storeWait, LOG_LEVEL: level } = settings
  const app = createStandalone({ store, keyLifetime, storeWait, onStoreGivenUp: (reason) => { void end(reason) }, logger: { level }, logRequests: ['debug', 'trace'].includes(level) })
  const grace = closeBeforeEnd(app.log, { delay: GRACE + 1000, skip: leftToOthers }, async () => {
    setTimeout(() => app.server.closeAllConnections(), GRACE).unref()
    await app.close()
  })
  return { listen, end: grace.close, log: app.log }

  async function end (reason: unknown): Promise<void> {
    process.stderr.write(`cannot start: ${reasonOf(reason)}\n`)
    grace.uninstall()
    await app.close()
    process.exit(1)
  }

  async function listen (): Promise<readonly string[]> {
    try {
      await app.ready()
      return await bind(app, host, port)
    } catch (error) {
      grace.uninstall()
      await app.close()
      throw error
    }
  }
}

/** Listens without Fastify's own line about it, and says at which addresses. */
async function bind (app: FastifyInstance, host: string, port: number): Promise<readonly string[]> {
  const { level } = app.log
  const addresses: string[] = []
  app.log.level = 'silent'
  try {
    await app.listen({ host, port, listenTextResolver: (address) => String(addresses.push(address)) })
  } finally {
    app.log.level = level
  }
  return addresses
}
