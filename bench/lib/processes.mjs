import { spawn, spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { once } from 'node:events'

/** The process groups that run now. */
const running = new Set()

process.on('exit', () => running.forEach(kill))
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(130))

const has = (tool) => spawnSync(tool, ['--version'], { stdio: 'ignore' }).status === 0

const canPin = has('taskset')
// Linux then ends a child with its parent, even where the parent has no time to do so.
const leash = has('setpriv') ? ['setpriv', '--pdeathsig', 'KILL'] : []

/** The processor cores that this process may use. */
function allowedCores () {
  try {
    const [, list] = readFileSync('/proc/self/status', 'utf8').match(/^Cpus_allowed_list:\s*(\S+)$/m)
    return list.split(',').flatMap((range) => {
      const [first, last = first] = range.split('-').map(Number)
      return Array.from({ length: last - first + 1 }, (_, i) => first + i)
    })
  } catch {
    return []
  }
}

/**
 * The cores for the server, one or as many as it has workers, and the others for the load; nothing where they cannot be
 * kept apart, and no `workers` where no other would be left.
 */
export function divideCores (workers) {
  const cores = allowedCores()
  if (!canPin || cores.length < 2) return {}
  const own = cores.length > workers ? workers : 1
  const load = cores.slice(own).join(',')
  // This process, too, stays away from the server.
  spawnSync('taskset', ['-a', '-p', '-c', load, String(process.pid)], { stdio: 'ignore' })
  return { server: String(cores[0]), workers: own === workers ? cores.slice(0, own).join(',') : undefined, load }
}

/** Starts a command on these cores, in a process group of its own that ends with this process, whatever happens. */
export function start ([...command], { cores, env = {}, cwd, stdout = 'ignore' } = {}) {
  if (cores !== undefined) command.unshift('taskset', '-c', cores)
  const [file, ...args] = [...leash, ...command]
  const child = spawn(file, args, { cwd, env: { ...process.env, ...env }, detached: true, stdio: ['ignore', stdout, 'pipe'] })
  child.complaint = ''
  child.stderr.setEncoding('utf8').on('data', (text) => { child.complaint = (child.complaint + text).slice(-2000) })
  child.on('error', (error) => { child.complaint += error.message })
  running.add(child)
  child.on('exit', () => running.delete(child))
  return child
}

/** Ends a process, and those that it started. */
export async function stop (child) {
  const ended = hasEnded(child) ? undefined : once(child, 'exit')
  kill(child)
  await ended
}

export const hasEnded = (child) => child.exitCode !== null || child.signalCode !== null

function kill ({ pid }) {
  try {
    if (pid) process.kill(-pid, 'SIGKILL')
  } catch {
    // It has ended already.
  }
}

/** Runs a command to its end and returns what it printed; throws where it fails or takes longer than so many seconds. */
export async function run (command, { seconds, ...options }) {
  const child = start(command, { ...options, stdout: 'pipe' })
  const limit = setTimeout(() => kill(child), seconds * 1000)
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text) => { output += text })
  await once(child, 'close')
  clearTimeout(limit)
  if (child.exitCode === 0) return output
  throw new Error(`${command.join(' ')} ended with ${child.exitCode ?? child.signalCode}: ${child.complaint || output.slice(-2000)}`)
}

/**
 * The nanoseconds that each thread of a process has run, and of those that it started; those of the whole processes,
 * with threads that have ended, but only to a hundredth of a second; and those that the main thread has waited for a core.
 * Undefined where nobody counts them.
 */
export function timesOf ({ pid }) {
  try {
    const processes = [pid, ...childrenOf(pid)]
    const threads = processes.flatMap((pid) => readdirSync(`/proc/${pid}/task`).map((thread) => [thread, schedstat(pid, thread).ran]))
    return { threads: new Map(threads), whole: sum(processes.map(ticksOf)) * 1e7, waited: schedstat(pid, pid).waited }
  } catch {
    return undefined
  }
}

/** The nanoseconds that a process has run from one look at its times to another. */
export function ranBetween (before, after) {
  const hasLost = Array.from(before.threads.keys()).some((thread) => !after.threads.has(thread))
  return hasLost ? after.whole - before.whole : sum(after.threads.values()) - sum(before.threads.values())
}

const sum = (numbers) => Array.from(numbers).reduce((sum, number) => sum + number, 0)

/** In user and system mode: the 14th and 15th fields. The second, a name in parentheses, may hold spaces. */
function ticksOf (pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ')
  return Number(fields[11]) + Number(fields[12])
}

function childrenOf (pid) {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter((child) => child !== '')
}

function schedstat (pid, thread) {
  const [ran, waited] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ').map(Number)
  return { ran, waited }
}
