import closeWithGrace from 'close-with-grace'
import { HttpError } from './http/error.js'
import { readSettings } from './settings.js'
import { createStandalone } from './standalone.js'

/** How long, in milliseconds, the requests in flight may take to finish before the process ends without them. */
const GRACE = 10_000

serve().catch((error: unknown) => {
  process.stderr.write(`cannot start: ${reasonOf(error)}\n`)
  process.exitCode = 1
})

async function serve (): Promise<void> {
  const { HOST: host, PORT: port, STORE: store, IDEMPOTENCY_KEY_LIFETIME: keyLifetime, LOG_LEVEL: level } = readSettings(process.env)
  const app = createStandalone({ store, keyLifetime, logger: { level }, logRequests: ['debug', 'trace'].includes(level) })
  const grace = closeWithGrace({ delay: GRACE + 1000, logger: app.log }, async () => {
    setTimeout(() => app.server.closeAllConnections(), GRACE).unref()
    await app.close()
  })
  try {
    await app.listen({ host, port, listenTextResolver: (address) => `listening at ${address}, documentation at ${address}/docs` })
  } catch (error) {
    grace.uninstall()
    await app.close()
    throw error
  }
}

function reasonOf (error: unknown): string {
  if (error instanceof HttpError) return error.violations.map(({ parameter, detail }) => `${parameter} ${detail}`).join('; ')
  return String(error).replace(/^Error: /, '')
}
