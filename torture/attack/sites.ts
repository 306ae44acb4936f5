import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { startPostgres } from '../../test/embedded-postgres.js'
import type { Launch, Program } from '../program.js'
import { lmdb as createFolder } from '../stores.js'
import type { StoreName } from './attack.js'
import { fillingOf } from './records.js'

/** A store, and how a server is started on it. */
export interface Site {
  readonly url: string
  readonly launch?: Launch
}

/** Where stores of one kind come from. */
export interface Sites {
  /** A new one. */
  fresh (): Promise<Site>
  /** One with many records, which is made once. */
  fill (): Promise<Site>
  /** Removes all of them. */
  remove (): Promise<void>
}

/** A server whose new store has as many records as its environment says, where the program's has eight. */
export const HOST = 'torture/attack/host'

const hostOf = (records: number): Launch => ({ entry: HOST, settings: { RECORDS: String(records) }, patience: 600_000 })

/** How stores of each kind are made, and what fills one with so many records. */
export const SITES: ReadonlyMap<StoreName, (program: Program, many: number) => Promise<Sites>> = new Map([['memory', memory], ['lmdb', lmdb], ['postgres', postgres]])

async function memory (_program: Program, many: number): Promise<Sites> {
  const url = 'memory:'
  return {
    fresh: async () => ({ url }),
    fill: async () => ({ url, launch: hostOf(many) }),
    remove: async () => {}
  }
}

async function lmdb (program: Program, many: number): Promise<Sites> {
  const made: { remove (): Promise<void> }[] = []
  return {
    fresh,
    async fill () {
      const site = await fresh()
      await startOnce(program, site, many)
      return site
    },
    async remove () {
      for (const ground of made) await ground.remove()
    }
  }

  async function fresh (): Promise<Site> {
    const ground = await createFolder()
    made.push(ground)
    return { url: ground.url }
  }
}

/** One database server for all attacks; it need not write to the disk, because nobody pulls a plug here. */
async function postgres (program: Program, many: number): Promise<Sites> {
  const folder = await mkdtemp(join(tmpdir(), 'torture-'))
  const { url, createDatabase, stop } = await startPostgres(folder, { flags: ['-c', 'fsync=off'] })
  let made = 0
  return {
    fresh,
    async fill () {
      const site = await fresh()
      await startOnce(program, site, 0)
      await runSql(site.url, ...fillingOf(many))
      return site
    },
    async remove () {
      await stop()
      await rm(folder, { recursive: true })
    }
  }

  async function fresh (): Promise<Site> {
    const name = `attack_${made++}`
    await createDatabase(name)
    const found = new URL(url)
    found.pathname = name
    return { url: found.href }
  }
}

/** Has a store made by a server, which ends at once. */
async function startOnce (program: Program, { url }: Site, records: number): Promise<void> {
  const server = await program.start(url, hostOf(records))
  await server.kill()
}

/** Runs SQL as people do. */
export async function runSql (url: string, ...statements: readonly string[]): Promise<void> {
  const client = new pg.Client(url)
  await client.connect()
  try {
    for (const statement of statements) await client.query(statement)
  } finally {
    await client.end()
  }
}
