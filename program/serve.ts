import cluster from 'node:cluster'
import type { Api } from '../routes/api.js'
import { describePostgresTables } from '../stores/open.js'
import { describeFlags, readCommandLine, type Question } from './command-line.js'
import { reasonOf } from './failure.js'
import { supervise } from './primary.js'
import { serveAlone } from './process.js'
import { readSettings, type Settings } from './settings.js'
import { work } from './worker.js'

export interface ServeOptions {
  /** The arguments of the command line. Default: those of the process. */
  args?: readonly string[]
  /** The settings that are not among the arguments, as text by their names. Default: the environment of the process. */
  env?: NodeJS.ProcessEnv
}

/** Runs an API until the process is told to end, or answers what the command line asks. Where it cannot start, it says why in one line, and the exit code is 1. */
export async function serve (api: Api, { args = process.argv.slice(2), env = process.env }: ServeOptions = {}): Promise<void> {
  try {
    const { question, flags } = readCommandLine(args)
    if (question === undefined) await start(api, readSettings(env, flags))
    else process.stdout.write(await ANSWERS[question](api))
  } catch (error) {
    process.stderr.write(`cannot start: ${reasonOf(error)}\n`)
    process.exitCode = 1
  }
}

const ANSWERS: Readonly<Record<Question, (api: Api) => string | Promise<string>>> = {
  help: ({ title, version }) => describeFlags(`${title} ${version}`),
  version: ({ version }) => `${version}\n`,
  'print-sql': ({ models }) => describePostgresTables(models)
}

async function start (api: Api, settings: Settings): Promise<void> {
  const { worker } = cluster
  // Asked first, because this program alone may itself be a worker, of a process manager.
  if (settings.WORKERS === 1) await serveAlone(api, settings)
  else if (worker === undefined) await supervise(api, settings)
  else await work(api, settings, worker)
}
