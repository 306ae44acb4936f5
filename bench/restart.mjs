// How long a restart on a folder takes to the first answer, with a million languages in it and with none: see README.md.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient, freePort, HOST } from './lib/http.mjs'
import { hasEnded, start, stop } from './lib/processes.mjs'
import { makeRecord } from './lib/records.mjs'
import { BENCH } from './lib/servers.mjs'
import { median } from './lib/statistics.mjs'

const COUNT = 1_000_000
const STARTS = 10
/** How many are written at the same time. */
const BATCH = 5000
const PRODUCT = join(BENCH, '..')

const folder = mkdtempSync(join(tmpdir(), 'restart-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

const folders = { none: join(folder, 'none'), million: join(folder, 'million') }
await fill(folders.none, 0)
await fill(folders.million, COUNT)

const times = { none: [], million: [] }
for (let i = 0; i < STARTS; i++) {
  for (const name of Object.keys(folders)) times[name].push(await restart(folders[name]))
}
const [none, million] = [median(times.none), median(times.million)]
console.log(`first answer after ${none.toFixed(0)} ms with none, after ${million.toFixed(0)} ms with a million: ${(million / none).toFixed(2)} times (1.5 at most)`)

/** Puts so many languages into a folder. */
async function fill (path, count) {
  const { model, openStore } = await import(join(PRODUCT, 'dist/app.js'))
  const store = await openStore(`lmdb:${path}`, model)
  const begin = performance.now()
  for (let i = 0; i < count; i += BATCH) {
    await Promise.all(Array.from({ length: BATCH }, (_, j) => store.create(makeRecord(i + j))))
    if (i % 100_000 === 0) process.stderr.write(`${i.toLocaleString('en')} of ${count.toLocaleString('en')} languages, ${((performance.now() - begin) / 1000).toFixed(0)} s\n`)
  }
  await store.close()
}

/** Starts the server; gives how long its first answer took, in milliseconds. */
async function restart (path) {
  const port = await freePort()
  const begin = performance.now()
  const child = start([process.execPath, join(PRODUCT, 'dist/server.cjs')], { env: { PORT: String(port), HOST, STORE: `lmdb:${path}` } })
  const client = createClient(port)
  try {
    await firstAnswer(child, client)
    return performance.now() - begin
  } finally {
    client.close()
    await stop(child)
  }
}

async function firstAnswer (child, client) {
  for (;;) {
    try {
      return await client.ask({ method: 'GET', path: '/programming_languages?limit=10' })
    } catch (error) {
      if (hasEnded(child)) throw new Error(`the server does not start: ${child.complaint}`, { cause: error })
    }
  }
}
