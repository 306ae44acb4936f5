import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, statSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { createConnection } from '../connection.js'
import { must } from '../disagreement.js'
import { LIST, makeFields, pathOf } from '../languages.js'
import { Ended, type Server } from '../program.js'
import type { Arena, Attack } from './attack.js'
import type { Site } from './sites.js'

/** How many languages a folder has before it breaks. */
const LANGUAGES = 3000

/** How long, in milliseconds, a process may take to end when what it works on is gone. */
const PATIENCE = 15_000

export const truncatedFolder: Attack = {
  name: 'a file that was truncated before the start',
  stores: ['lmdb'],
  async run (arena) {
    const site = await arena.fresh()
    const server = await arena.start(site)
    await fill(server)
    await server.kill()
    const file = fileOf(site)
    for (const share of [0.9, 0.5, 0.1, 0.01]) {
      truncateSync(file, Math.floor(statSync(file).size * share))
      await mustRefuse(arena, site)
    }
    truncateSync(file, 100)
    await mustRefuse(arena, site)
    return []
  }
}

export const fullDisk: Attack = {
  name: 'a new folder on a full disk',
  stores: ['lmdb'],
  async run (arena) {
    const disk = mkdtempSync(join(tmpdir(), 'torture-'))
    const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=8k', 'tmpfs', disk])
    try {
      if (status !== 0) return ['skipped: no small disk can be mounted here']
      await mustRefuse(arena, { url: `lmdb:${join(disk, 'store')}` })
      return []
    } finally {
      if (status === 0) spawnSync('umount', ['--lazy', disk])
      rmSync(disk, { recursive: true, force: true })
    }
  }
}

export const truncatedMeanwhile: Attack = {
  name: 'a file that is truncated while the server runs',
  stores: ['lmdb'],
  async run (arena) {
    const site = await arena.fresh()
    const server = await arena.start(site)
    await fill(server)
    truncateSync(fileOf(site), 4096)
    const late = pause(PATIENCE, 'late', { ref: false })
    use(server).catch(() => {})
    const code = await Promise.race([server.ended, late])
    must(code !== 'late', () => `the process goes on for ${PATIENCE / 1000} s`)
    return [`it ended with ${code}`]
  }
}

export const deletedMeanwhile: Attack = {
  name: 'a folder that is deleted while the server runs',
  stores: ['lmdb'],
  async run (arena) {
    const site = await arena.fresh()
    const server = await arena.start(site)
    await fill(server)
    rmSync(folderOf(site), { recursive: true })
    await pause(1000)
    const { send, close } = createConnection(server.address)
    const request = async (method: string, path: string, body?: unknown) => await send({ method, path, body }).then(({ status }) => status, () => 0)
    const health = await request('GET', '/health')
    const created = await request('POST', LIST, makeFields('in vain', 0, 'broken folder'))
    close()
    must(health !== 200, () => '/health is 200')
    must(created !== 201, () => 'a language is created that the next start will not find')
    return [`/health is ${health || 'gone'}, a POST ${created || 'gone'}`]
  }
}

const folderOf = ({ url }: Site): string => url.slice('lmdb:'.length)
const fileOf = (site: Site): string => join(folderOf(site), 'data.mdb')

/** A server must end on this store before it listens, with one line. */
async function mustRefuse (arena: Arena, site: Site): Promise<void> {
  const outcome = await arena.start(site).catch((error: unknown) => error)
  must(outcome instanceof Ended, () => outcome instanceof Error ? outcome.message : 'a server starts on it')
  must(outcome.isRefusal, () => outcome.message)
}

async function fill ({ address }: Server): Promise<void> {
  const lanes = Array.from({ length: 30 }, () => createConnection(address))
  let next = 0
  await Promise.all(lanes.map(async ({ send, close }) => {
    for (let i = next++; i < LANGUAGES; i = next++) await send({ method: 'POST', path: LIST, body: makeFields('filler', i, 'broken folder') })
    close()
  }))
}

/** Reads what was there, and writes, until nobody answers. */
async function use ({ address }: Server): Promise<never> {
  const { send } = createConnection(address)
  for (let id = 0; ; id = (id + 100) % LANGUAGES) {
    await send({ method: 'GET', path: pathOf(id) })
    await send({ method: 'POST', path: LIST, body: makeFields('one more', id, 'broken folder') })
  }
}
