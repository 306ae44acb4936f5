import cluster from 'node:cluster'
import { model } from '../app.js'
import { reasonOf } from './failure.js'
import { serve } from './process.js'
import { readSettings, type Settings } from './settings.js'
import { describePostgresTables } from '../stores/open.js'
import { work } from './worker.js'
import { supervise } from './primary.js'

main().catch((error: unknown) => {
  process.stderr.write(`cannot start: ${reasonOf(error)}\n`)
  process.exitCode = 1
})

async function main (): Promise<void> {
  // For whoever may make the tables in PostgreSQL, where the program may not.
  if (process.argv.includes('--print-sql')) process.stdout.write(await describePostgresTables(model))
  else await start(readSettings(process.env))
}

async function start (settings: Settings): Promise<void> {
  const { worker } = cluster
  // Asked first, because this program alone may itself be a worker, of a process manager.
  if (settings.WORKERS === 1) await serve(settings)
  else if (worker === undefined) await supervise(settings)
  else await work(settings, worker)
}
