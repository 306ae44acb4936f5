import closeWithGrace, { type AllEvents, type Options } from 'close-with-grace'
import type { FastifyBaseLogger } from 'fastify'

/** What the system sends where an instruction failed: to catch one would be to run that instruction again, for ever. */
const FAULTS: AllEvents[] = ['SIGILL', 'SIGTRAP', 'SIGABRT', 'SIGBUS', 'SIGFPE', 'SIGSEGV']

/**
 * Closes before the process ends, be it by a signal or by an error that nothing has caught, which is logged. Gives what
 * closes and ends it from here, and what takes all this back.
 */
export function closeBeforeEnd (log: Pick<FastifyBaseLogger, 'fatal' | 'error'>, options: Options, close: () => Promise<void>) {
  return closeWithGrace({ ...options, skip: [...FAULTS, ...options.skip ?? []], logger: log }, async ({ err }) => {
    if (err !== undefined) log.fatal(err, 'an error that nothing caught')
    await close()
  })
}
