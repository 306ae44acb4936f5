import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** A process that can be killed at any moment. */
export interface Server {
  readonly address: string
  readonly pid: number
  readonly child: ChildProcess
  /** Its code, or the signal that ended it, once it has ended. */
  readonly ended: Promise<number | string>
  /** The last that it has said. */
  output (): string
  /** Kills it, and waits until it is gone. */
  kill (): Promise<void>
}

/** How a process is started, where it is not the program as it ships. */
export interface Launch {
  /** Another program of those that were built. Default: the server. */
  readonly entry?: string
  /** What was built and runs in the process before the program does. Default: nothing. */
  readonly preload?: string
  /** A command that runs it. */
  readonly before?: readonly string[]
  /** More variables of its environment. */
  readonly settings?: NodeJS.ProcessEnv
  /** After how many milliseconds it is killed where it neither listens nor ends. Default: 20 s. */
  readonly patience?: number
}

export interface Program {
  /** The file that was built of an entry. Default: of the server. */
  file (entry?: string): string
  /** Starts a server on a store, and waits until it listens. Rejects with an `Ended` where it never does. */
  start (store: string, launch?: Launch): Promise<Server>
}

/** A server that ended before it listened. */
export class Ended extends Error {
  /** The code, or the signal. */
  readonly code: number | string
  readonly output: string

  constructor (code: number | string, output: string) {
    super(`the server ended with ${code} before it listened: ${output}`)
    this.name = 'Ended'
    this.code = code
    this.output = output
  }

  /** Whether it has said in one line why it does not start. */
  get isRefusal (): boolean {
    return this.code === 1 && /^cannot start: .+\n$/.test(this.output)
  }
}

const ROOT = fileURLToPath(new URL('..', import.meta.url))
/** A build of one's own, so that no other changes it meanwhile; inside of the project, because it finds its modules there. */
const BUILDS = join(ROOT, 'dist', 'torture')

const running = new Set<ChildProcess>()
process.on('exit', () => { for (const child of running) child.kill('SIGKILL') })

/** Bundles the program, which starts in half of the time then, and other files of the project, each named by its path without the end. */
export function buildProgram (...others: readonly string[]): Program {
  mkdirSync(BUILDS, { recursive: true })
  const folder = mkdtempSync(join(BUILDS, 'build-'))
  process.on('exit', () => rmSync(folder, { recursive: true }))
  const files = others.map((entry) => `${entry}.ts`)
  execFileSync('npm', ['run', '--silent', 'bundle', '--', ...files, `--outdir=${folder}`], { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] })
  const built = (entry = 'server') => join(folder, `${entry}.cjs`)

  return {
    file: built,
    start (store, { entry, preload, before = [], settings = {}, patience = 20_000 } = {}) {
      const flags = preload === undefined ? [] : ['--require', built(preload)]
      return start([...before, process.execPath, ...flags, built(entry)], { ...environment(store), ...settings }, patience)
    }
  }
}

async function start ([command = '', ...args]: readonly string[], env: NodeJS.ProcessEnv, patience: number): Promise<Server> {
  const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
  running.add(child)
  const ended = once(child, 'close').then(([code, signal]) => code ?? signal).finally(() => running.delete(child))
  const said = listen(child)
  const timer = setTimeout(() => child.kill('SIGKILL'), patience)
  return {
    address: await Promise.race([said.address, ended.then((code) => { throw new Ended(code, said.output()) })]).finally(() => clearTimeout(timer)),
    pid: child.pid ?? 0,
    child,
    ended,
    output: said.output,
    async kill () {
      child.kill('SIGKILL')
      await ended
    }
  }
}

/** Of a process that is killed, nobody learns which of its lines ran: it need not count them. */
function environment (STORE: string): NodeJS.ProcessEnv {
  const { NODE_V8_COVERAGE, NODE_OPTIONS, ...others } = process.env
  return { ...others, STORE, PORT: '0', HOST: '127.0.0.1', LOG_LEVEL: 'info' }
}

/** The most characters of what a process says that are kept. */
const MOST_OUTPUT = 100_000

/** What a process says, all of which is read, so that its output never blocks it; and where it says that it listens. */
function listen (child: ChildProcess) {
  let output = ''
  const address = new Promise<string>((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk) => {
        output = (output + chunk).slice(-MOST_OUTPUT)
        const address = /listening at (http:\S+[0-9])/.exec(output)?.[1]
        if (address !== undefined) resolve(address)
      })
    }
  })
  return { address, output: () => output }
}
