import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** A process that can be killed at any moment. */
export interface Server {
  readonly address: string
  readonly pid: number
  /** Kills it, and waits until it is gone. */
  kill (): Promise<void>
}

export interface Program {
  /** Starts a server on a store, and waits until it listens; before it may stand a command that runs it. */
  start (store: string, before?: readonly string[]): Promise<Server>
}

const ROOT = fileURLToPath(new URL('..', import.meta.url))
/** A build of one's own, so that no other changes it meanwhile; inside of the project, because it finds its modules there. */
const BUILDS = join(ROOT, 'dist', 'torture')

const running = new Set<ChildProcess>()
process.on('exit', () => { for (const child of running) child.kill('SIGKILL') })

/** Bundles the program: it starts in half of the time. */
export function buildProgram (): Program {
  mkdirSync(BUILDS, { recursive: true })
  const folder = mkdtempSync(join(BUILDS, 'build-'))
  process.on('exit', () => rmSync(folder, { recursive: true }))
  execFileSync('npm', ['run', '--silent', 'bundle', '--', `--outdir=${folder}`], { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] })
  return { start: (store, before = []) => start([...before, process.execPath, join(folder, 'server.cjs')], store) }
}

async function start ([command = '', ...args]: readonly string[], store: string): Promise<Server> {
  const child = spawn(command, args, { env: environment(store), stdio: ['ignore', 'pipe', 'inherit'] })
  running.add(child)
  const exited = once(child, 'exit').finally(() => running.delete(child))
  return {
    address: await Promise.race([listening(child), exited.then(failed)]),
    pid: child.pid ?? 0,
    async kill () {
      child.kill('SIGKILL')
      await exited
    }
  }
}

/** Of a process that is killed, nobody learns which of its lines ran: it need not count them. */
function environment (STORE: string): NodeJS.ProcessEnv {
  const { NODE_V8_COVERAGE, NODE_OPTIONS, ...others } = process.env
  return { ...others, STORE, PORT: '0', HOST: '127.0.0.1', LOG_LEVEL: 'info' }
}

/** Where the program says that it listens. What it logs later is read too, so that its output never blocks it. */
async function listening (child: ChildProcess): Promise<string> {
  let output = ''
  return await new Promise((resolve) => child.stdout?.on('data', (chunk) => {
    output += chunk
    const address = /listening at (http:\S+[0-9])/.exec(output)?.[1]
    if (address !== undefined) resolve(address)
  }))
}

function failed (): never {
  throw new Error('the server ended before it listened')
}
