import type { Launch, Server } from '../program.js'
import type { Random } from '../random.js'
import type { Bystander } from './beside.js'
import type { Site } from './sites.js'

/** What somebody does to a server on purpose, and what must be true beside it and after it. */
export interface Attack {
  /** What is sent, in a few words. */
  readonly name: string
  /** The stores that it is one for. Default: all. */
  readonly stores?: readonly StoreName[]
  /** Does it. Throws what does not hold; else gives the figures that say how well it did. */
  run (arena: Arena): Promise<readonly string[]>
}

export type StoreName = 'memory' | 'lmdb' | 'postgres'

/** What an attack has to work with. All that it starts ends with it. */
export interface Arena {
  readonly store: StoreName
  /** Whether this is the run that CI has time for. */
  readonly short: boolean
  /** The same for the same seed and attack. */
  readonly random: Random
  /** How many records a store with many has. */
  readonly many: number
  /** A new store, which starts with the records that every new one does. */
  fresh (): Promise<Site>
  /** A store with many records. The next attack finds there what this one leaves. */
  filled (): Promise<Site>
  /** Starts a server, in which a heartbeat says for how long nothing else ran. */
  start (site: Site, launch?: Launch): Promise<Server>
  /** A second client, who behaves well, in a process of its own. */
  readonly bystander: Bystander
}
