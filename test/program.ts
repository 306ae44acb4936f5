import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { request, type Agent } from 'node:http'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { reasonOf } from '../program/failure.js'
import { readSettings } from '../program/settings.js'
import { buildProgram, type Program } from '../torture/program.js'

/** With these, Node.js runs TypeScript and its lines count for the coverage, without what else tests have loaded, which takes twice as long. */
export const NODE_OPTIONS = process.execArgv.filter((option) => !/@tapjs\/(typescript|mock)/.test(option))

/** The environment of a process of which no line counts for the coverage. */
export const NOT_COUNTED = { ...process.env, _TAPJS_PROCESSINFO_COVERAGE_: '0' }

let built: Program | undefined

/** The program as it ships, which starts in a third of the time that its sources take. */
export const builtProgram = (): Program => (built ??= buildProgram())

/** How a program is started with some settings, which ends with the test. */
export type Start = typeof start

/** Starts the program as it ships, with some settings and arguments. */
export function start (t: Test, settings: Record<string, string>, ...args: string[]) {
  return startOn([process.execPath], t, settings, ...args)
}

/** Starts it by the command of another runtime. */
export function startOn (runtime: readonly string[], t: Test, settings: Record<string, string>, ...args: string[]) {
  return startProgram(t, [...runtime, builtProgram().file(), ...args], { ...NOT_COUNTED, PORT: '0', ...settings })
}

/** Starts the sources of another program, of which no line counts. */
export function startSource (t: Test, entry: string, settings: Record<string, string>) {
  return startProgram(t, [process.execPath, ...NODE_OPTIONS, entry], { ...NOT_COUNTED, PORT: '0', ...settings })
}

/** Starts the sources of the program, so that the lines that run count for the coverage. */
export const startCounted: Start = (t, settings, ...args) => startProgram(t, [process.execPath, ...NODE_OPTIONS, 'program/main.ts', ...args], { ...process.env, PORT: '0', ...settings })

function startProgram (t: Test, [command = '', ...args]: readonly string[], env: NodeJS.ProcessEnv) {
  const program = spawn(command, args, {
    cwd: new URL('..', import.meta.url),
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, as a terminal gives one.
    detached: true
  })
  t.teardown(() => signalAll(program, 'SIGKILL'))
  const output = { out: '', err: '' }
  program.stdout.on('data', (chunk) => { output.out += chunk })
  program.stderr.on('data', (chunk) => { output.err += chunk })
  // It has closed when all of its processes have ended, as each holds its output open.
  return { program, output, exited: once(program, 'exit'), closed: once(program, 'close') }
}

/** The line in which the program would refuse some settings; undefined where it takes them. */
export function faultOf (settings: Record<string, string>): string | undefined {
  try {
    readSettings(settings)
    return undefined
  } catch (error) {
    return reasonOf(error)
  }
}

/** Listens at a port of this machine until the end of the test. */
export async function occupyPort (t: Test): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  t.teardown(() => server.close())
  await once(server, 'listening')
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** Starts some workers on a folder of their own. */
export function startWorkers (t: Test, count: number, settings: Record<string, string> = {}, run: Start = start) {
  const folder = mkdtempSync(join(tmpdir(), 'workers-'))
  const started = run(t, { WORKERS: String(count), STORE: `lmdb:${folder}`, ...settings })
  t.teardown(async () => {
    await started.closed
    rmSync(folder, { recursive: true })
  })
  return started
}

/** Sends a signal to all of the program's processes, as Ctrl-C in a terminal does. */
export function signalAll ({ pid = 0 }: ChildProcess, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal)
  } catch {
    // All have ended.
  }
}

/** With these, an error that nothing catches is thrown in a process that gets a SIGWINCH. */
export const SURPRISE = {
  NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --import "data:text/javascript,process.once('SIGWINCH',()=>{throw%20new%20Error('surprise')})"`
}

/** Waits until the program has said something. */
export async function said (program: ChildProcess, output: { out: string }, what: RegExp): Promise<RegExpMatchArray> {
  while (true) {
    const match = output.out.match(what)
    if (match !== null) return match
    await once(program.stdout ?? program, 'data')
  }
}

/** Waits until the program says where it listens. */
export async function listening (program: ChildProcess, output: { out: string }): Promise<string> {
  const [, address = ''] = await said(program, output, /listening at (http:\S+[0-9])/)
  return address
}

/** A request to create a language, of which the end is not sent yet. */
export function beginCreation (address: string) {
  let end: () => void = () => {}
  const body = new ReadableStream({
    start (controller) {
      controller.enqueue(Buffer.from('{"name":"Simula 67","publication_year":1967,'))
      end = () => {
        controller.enqueue(Buffer.from('"contribution":"classes"}'))
        controller.close()
      }
    }
  })
  const answer = fetch(`${address}/programming_languages`, {
    method: 'POST', body, headers: { 'content-type': 'application/json' }, duplex: 'half'
  })
  return { answer, end: () => end() }
}

export interface Content {
  headers?: Record<string, string>
  body?: unknown
  /** By default, each request has a connection of its own, so that any worker may get it. */
  agent?: Agent | false
}

/** Sends a request such as `GET /health`. */
export async function call (address: string, what: string, { headers = {}, body, agent = false }: Content = {}) {
  const [method = '', path = ''] = what.split(' ')
  const outgoing = request(address + path, { method, agent, headers: body === undefined ? headers : { 'content-type': 'application/json', ...headers } })
  outgoing.end(body === undefined ? '' : JSON.stringify(body))
  const [response] = await once(outgoing, 'response')
  let text = ''
  for await (const chunk of response) text += chunk
  return { status: response.statusCode, headers: response.headers, body: JSON.parse(text) }
}

/** Does something so many times at once. */
export const many = <T>(count: number, make: (i: number) => Promise<T>): Promise<T[]> => Promise.all(Array.from({ length: count }, (_, i) => make(i)))
