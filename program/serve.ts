import cluster from 'node:cluster'
import type { Api } from '../routes/api.js'
import { describePostgresTables } from '../stores/open.js'
import { reasonOf } from './failure.js'
import { supervise } from './primary.js'
import { serveAlone } from './process.js'
import { readSettings, type Settings } from './settings.js'
import { work } from './worker.js'

export interface ServeOptions {
  /** The settings, as text by their names. Default: the environment of the process. */
  env?: NodeJS.ProcessEnv
}

/** Runs an API until the process is told to end. Where it cannot start, it says why in one line, and the exit code is 1. */
export async function serve (api: Api, { env = process.env }: ServeOptions = {}): Promise<void> {
  try {
    // For whoever may make the tables in PostgreSQL, where the program may not.
    if (process.argv.includes('--print-sql')) process.stdout.write(await describePostgresTables(api.models))
    else await start(api, readSettings(env))
  } catch (error) {
    process.stderr.write(`cannot start: ${reasonOf(error)}\n`)
    process.exitCode = 1
  }
}

async function start (api: Api, settings: Settings): Promise<void> {
  const { worker } = cluster
  // Asked first, because this program alone may itself be a worker, of a process manager.
  if (settings.WORKERS === 1) await serveAlone(api, settings)
  else if (worker === undefined) await supervise(api, settings)
  else await work(api, settings, worker)
}
