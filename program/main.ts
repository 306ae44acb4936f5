import cluster from 'node:cluster'
import { model } from '../app.js'
import { reasonOf } from './failure.js'
import { serve } from './process.js'
import { readSettings } from './settings.js'
import { describePostgresTables } from '../stores/open.js'
import { work } from './worker.js'
import { supervise } from './primary.js'

main().catch((error: unknown) => {
  process.stderr.write(`cannot start: ${reasonOf(error)}\n`)
  process.exitCode = 1
})

async function main (): Promise<void> {
  if (process.argv.includes('--print-sql')) await printSql()
  else await start()
}

async function start (): Promise<void> {
  const settings = readSettings(process.env)
  const { worker } = cluster
  // Asked first, because this program alone may itself be a worker, of a process manager.
  if (settings.WORKERS === 1) await serve(settings)
  else if (worker === undefined) await supervise(settings)
  else await work(settings, worker)
}

/** Prints what makes the tables in PostgreSQL, for whoever may make them where the program may not. */
async function printSql (): Promise<void> {
  process.stdout.write(await describePostgresTables(model))
}
