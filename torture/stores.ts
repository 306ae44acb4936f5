import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { postgres } from './postgres.js'

/** A new store, which servers are started on. */
export interface Ground {
  readonly url: string
  /** Whether all of it is lost with the server, which then is not killed. */
  readonly isLost?: boolean
  /** A process of the store's own, which can be killed too; an embedded store has none. */
  readonly database?: {
    /** Kills it, and waits until it is gone. */
    kill (): Promise<void>
    /** Starts it again, and waits until it can be used. */
    restart (): Promise<void>
  }
  /** Removes all of it. */
  remove (): Promise<void>
}

export const STORES: Readonly<Record<string, () => Promise<Ground>>> = { memory, lmdb, postgres }

async function memory (): Promise<Ground> {
  return { url: 'memory:', isLost: true, remove: async () => {} }
}

export async function lmdb (): Promise<Ground> {
  const folder = mkdtempSync(join(tmpdir(), 'torture-'))
  return { url: `lmdb:${folder}`, remove: async () => rmSync(folder, { recursive: true, force: true }) }
}
