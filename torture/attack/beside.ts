import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { createConnection } from '../connection.js'
import { must } from '../disagreement.js'
import { LIST } from '../languages.js'
import type { Launch, Server } from '../program.js'
import type { Arena, Attack } from './attack.js'
import { atMost } from './excess.js'
import { longestBlock } from './heart.js'
import { watchMemory } from './memory.js'
import { newReport, type Invitation, type Report, type Word } from './report.js'
import type { Site } from './sites.js'

export interface Bystander {
  /** Has it begin at a server, where it asks for lists too or does not. */
  join (server: Server, lists: boolean): Promise<void>
  /** Has it end there. */
  leave (): Promise<Report>
  close (): void
}

/** What a second client may wait for an answer, in milliseconds; by how many MB the process may grow. */
const SLOWEST = 250
const MOST_GROWTH = 300

/** How long, in milliseconds, the second client is there before the attack is. */
const AHEAD = 300

/** How long, in milliseconds, it may take to learn that a process has ended. */
const NOTICE = 200

export interface Limits {
  /** Whether the store has many records. Default: false. */
  readonly filled?: boolean
  /** How the server is started. */
  readonly launch?: Launch
  /** For how many milliseconds the event loop may be blocked. Default: any number. */
  readonly block?: number
  /** Whether the second client asks for lists too. Default: true. */
  readonly lists?: boolean
  /** How many answers to the second client may be 503. Default: any number. */
  readonly busy?: number
}

/** Where an attack finds a server, with another client on it. */
export interface Scene extends Arena {
  readonly server: Server
  readonly site: Site
}

/**
 * An attack on a server that somebody else uses: he must not notice, and the process must neither end nor grow; what was there before
 * is there after it.
 */
export function beside (act: (scene: Scene) => Promise<readonly string[]>, { filled = false, lists = true, launch = {}, block = Infinity, busy = Infinity }: Limits = {}): Attack['run'] {
  return async (arena) => {
    const site = filled ? await arena.filled() : await arena.fresh()
    const server = await arena.start(site, launch)
    const before = await readFirst(server)
    await arena.bystander.join(server, lists)
    await pause(AHEAD)
    const memory = watchMemory(server.pid)
    await longestBlock(server)
    try {
      const figures = await act({ ...arena, server, site }).finally(() => mustRun(server))
      const report = await arena.bystander.leave()
      const blocked = await longestBlock(server)
      const growth = memory.end()
      await checkAfter(server, before)
      must(report.faults.length === 0, () => `beside it, ${report.faults.length} requests failed: ${report.faults[0]}`)
      must(report.busy <= busy, () => `beside it, ${report.busy} of ${report.answers} requests were 503`)
      atMost(SLOWEST, report.slowest.took, () => `the milliseconds that ${report.slowest.what} took beside it`)
      atMost(MOST_GROWTH, growth, () => 'the MB that the process grew by')
      atMost(block, blocked, () => 'the milliseconds that the event loop was blocked for')
      return [...figures, ...figuresOf(report, growth, blocked)]
    } finally {
      memory.end()
      await server.kill()
      await arena.bystander.leave()
    }
  }
}

/** Throws where the process has ended: then nothing else that failed matters. */
async function mustRun ({ ended, output }: Server): Promise<void> {
  const code = await Promise.race([ended, pause(NOTICE)])
  must(code === undefined, () => `the process ended with ${code}: ${output().slice(-1000)}`)
}

function figuresOf ({ answers, busy, slowest }: Report, growth: number, blocked: number): string[] {
  return [
    `beside it ${answers} answers in ${slowest.took.toFixed(0)} ms at most${busy === 0 ? '' : `, ${busy} of them 503`}`,
    `${growth.toFixed(0)} MB more`,
    `loop blocked for ${blocked.toFixed(0)} ms`
  ]
}

/** What is there before any attack: the first languages. */
async function readFirst ({ address }: Server): Promise<string> {
  const connection = createConnection(address)
  const { text } = await connection.send({ method: 'GET', path: `${LIST}?limit=8` })
  connection.close()
  return JSON.stringify(JSON.parse(text).programming_languages)
}

async function checkAfter (server: Server, before: string): Promise<void> {
  const connection = createConnection(server.address)
  const health = await connection.send({ method: 'GET', path: '/health' })
  connection.close()
  must(health.status === 200, () => `after it, /health is ${health.status}`)
  const after = await readFirst(server)
  must(after === before, () => `after it, the first languages are ${after}, not ${before}`)
}

export function createBystander (): Bystander {
  let child: ChildProcess | undefined
  let there = false

  return {
    async join ({ address, pid }, lists) {
      child ??= fork(new URL('bystander.ts', import.meta.url))
      const { failure } = await ask(child, { address, pid, lists })
      must(failure === undefined, () => `the second client cannot begin: ${failure}`)
      there = true
    },

    async leave () {
      if (child === undefined || !there) return newReport()
      there = false
      return (await ask(child, {})).report
    },

    close: () => { child?.kill() }
  }
}

async function ask (child: ChildProcess, question: Invitation): Promise<Word> {
  child.send(question)
  return (await once(child, 'message'))[0]
}
