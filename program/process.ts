import { setTimeout as sleep } from 'node:timers/promises'
import closeWithGrace, { type AllEvents } from 'close-with-grace'
import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import type { Api } from '../routes/api.js'
import { reasonOf } from './failure.js'
import { hasTokens, limitsOf, type Settings } from './settings.js'
import { createStandalone } from './standalone.js'
import { createTokens, readTokens, type Tokens } from './tokens.js'

/** How long, in milliseconds, the requests in flight may take to finish before the process ends without them. */
export const GRACE = 10_000

export async function serveAlone (api: Api, settings: Settings): Promise<void> {
  const tokens = createTokens(readTokens(settings))
  const { listen, log } = createService(api, settings, { tokens, leftToOthers: signalsToReload(settings) })
  reloadTokens(settings, log, tokens.replace)
  announce(log, api, settings, await listen())
}

/** Says where the program listens; also, that anyone can write where others than this machine reach it. */
export function announce (log: Pick<FastifyBaseLogger, 'info' | 'warn'>, { docs, securitySchemes }: Api, settings: Settings, addresses: readonly string[]): void {
  const { HOST: host, BASE_PATH: base = '' } = settings
  for (const address of addresses) log.info(`listening at ${address}${docs === false ? '' : `, documentation at ${address}${base}${docs}`}`)
  const isOpen = !hasTokens(settings) && Object.keys(securitySchemes).length === 0
  if (isOpen && !/^(127\.|::1$|localhost$)/.test(host)) log.warn(`anyone who reaches ${host} can write: there are no API_TOKENS`)
}

interface ServiceOptions {
  /** The tokens that are taken, where the settings ask for any. */
  tokens: Tokens
  /** The signals that others heed. */
  leftToOthers: AllEvents[]
  /** Gives the figures of several processes. Default: those of this one. */
  collectMetrics?: (() => Promise<string>) | undefined
}

/** Serves an API in this process. It ends by any signal that asks for it, but those that are left to others. */
export function createService (api: Api, settings: Settings, { tokens, leftToOthers, collectMetrics }: ServiceOptions) {
  const { HOST: host, PORT: port, STORE: store, IDEMPOTENCY_KEY_LIFETIME: keyLifetime, STORE_WAIT: storeWait, LOG_LEVEL: level, ACCESS_LOG: accessLog, SHUTDOWN_DELAY: shutdownDelay, MAX_DELAY: maxDelay } = settings
  let isReady = true
  const app = createStandalone({
    api,
    store,
    keyLifetime,
    storeWait,
    basePath: settings.BASE_PATH,
    trustProxy: settings.TRUST_PROXY,
    corsOrigin: settings.CORS_ORIGIN,
    rateLimit: settings.RATE_LIMIT,
    isReady: () => isReady,
    onStoreGivenUp: (reason) => { void giveUp(reason) },
    logger: { level },
    accessLog,
    maxDelay,
    metrics: settings.METRICS && { collectAll: collectMetrics },
    limits: limitsOf(settings),
    tokens: hasTokens(settings) ? tokens : undefined,
    protectReads: settings.PROTECT_READS
  })
  const { log } = app
  const { close: end, uninstall } = closeBeforeEnd(log, { delay: shutdownDelay * 1000 + GRACE + 1000, skip: leftToOthers }, async (signal) => {
    retire()
    if (signal !== undefined) await sleep(shutdownDelay * 1000)
    setTimeout(() => app.server.closeAllConnections(), GRACE).unref()
    await app.close()
  })
  return { listen, retire, end, log }

  /** Says by `/health`, from now on, that others should get the requests. */
  function retire (): void {
    isReady = false
  }

  /** Starts to serve, and says at which addresses. Where it cannot, it lets go of everything, and throws. */
  async function listen (): Promise<readonly string[]> {
    try {
      await app.ready()
      return await bind(app, host, port)
    } catch (error) {
      await letGo()
      throw error
    }
  }

  async function giveUp (reason: unknown): Promise<void> {
    process.stderr.write(`cannot start: ${reasonOf(reason)}\n`)
    await letGo()
    process.exit(1)
  }

  async function letGo (): Promise<void> {
    uninstall()
    await app.close()
  }
}

/** The signals that ask the program to read its tokens again. Where there is no file of them, SIGHUP ends it, as other signals do. */
export const signalsToReload = ({ API_TOKENS_FILE }: Settings): AllEvents[] => API_TOKENS_FILE === undefined ? [] : ['SIGHUP']

/** Reads the tokens again at each of these signals, and hands them on. Where they cannot be read, they stay as they were. */
export function reloadTokens (settings: Settings, log: Pick<FastifyBaseLogger, 'info' | 'error'>, take: (tokens: readonly string[]) => void): void {
  for (const signal of signalsToReload(settings)) process.on(signal, reload)

  function reload (): void {
    try {
      const tokens = readTokens(settings)
      take(tokens)
      log.info(`tokens are read again: there are ${tokens.length} now`)
    } catch (error) {
      log.error(`tokens stay as they were: ${reasonOf(error)}`)
    }
  }
}

/** The signals that the system sends where an instruction failed: to catch one would be to run that instruction again, for ever. */
const FAULTS: AllEvents[] = ['SIGILL', 'SIGTRAP', 'SIGABRT', 'SIGBUS', 'SIGFPE', 'SIGSEGV']

/** The signals that ask a process to end. */
const ENDINGS = ['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGUSR2', 'SIGTERM'] satisfies AllEvents[]

interface EndOptions {
  /** How long, in milliseconds, it may take to close. */
  delay: number
  /** The signals that others heed. */
  skip: readonly AllEvents[]
  /** Is called at another signal, before the process ends at once. */
  onSecondSignal?: () => void
}

/** Closes before the process ends, be it by a signal, which `close` is told, or by an error that nothing has caught, which is logged. */
export function closeBeforeEnd (log: Pick<FastifyBaseLogger, 'fatal' | 'error' | 'info'>, { delay, skip, onSecondSignal }: EndOptions, close: (signal: string | undefined) => Promise<void>): ReturnType<typeof closeWithGrace> {
  const signals = ENDINGS.filter((signal) => !skip.includes(signal))
  let firstSignal: string | undefined
  let closing = false
  const grace = closeWithGrace({ delay, skip: [...FAULTS, ...ENDINGS], logger: log }, async ({ err }) => {
    closing = true
    if (err !== undefined) log.fatal(err, 'an error that nothing caught')
    await close(firstSignal)
    if (firstSignal !== undefined) log.info('closed')
  })
  for (const signal of signals) process.on(signal, end)
  return { close: grace.close, uninstall }

  /** One listener for the first signal and the second: on Deno, one that is added while a signal is handled is called for that same signal. */
  function end (signal: string): void {
    if (closing) {
      log.error(`second ${signal}, exiting`)
      onSecondSignal?.()
      process.exit(1)
    }
    firstSignal = signal
    grace.close()
  }

  function uninstall (): void {
    grace.uninstall()
    for (const signal of signals) process.off(signal, end)
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
