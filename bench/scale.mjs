// Measures how the API does with more and more records: see README.md.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { describeMachine, findVersions } from './lib/machine.mjs'
import { run } from './lib/processes.mjs'
import { createProgress } from './lib/progress.mjs'
import { drawScale } from './lib/scale-chart.mjs'
import { SIZES } from './lib/scale-plan.mjs'
import { formatScale } from './lib/scale-report.mjs'
import { BENCH } from './lib/servers.mjs'

/** What a process may take, in seconds. */
const LIMIT = 3600

const { values: { product: folder, store, sizes: list = SIZES[store]?.join(), name } } = parseArgs({
  options: {
    product: { type: 'string', default: '..' },
    store: { type: 'string', default: 'memory' },
    sizes: { type: 'string' },
    name: { type: 'string' }
  }
})

try {
  await measure()
} catch (error) {
  process.stderr.write(`\nbench:scale: ${error.message}\n`)
  process.exit(1)
}

async function measure () {
  const date = new Date().toISOString()
  const product = resolve(BENCH, folder)
  const sizes = list.split(',')
  const child = async (file, ...args) => {
    const command = [process.execPath, '--expose-gc', '--max-old-space-size=8192', join(BENCH, 'scale', file), product, ...args]
    return JSON.parse(await run(command, { seconds: LIMIT }))
  }
  const results = await { memory: measureMemory, lmdb: measureFolders }[store](sizes, child)

  console.log('\n' + formatScale(results) + '\n')
  const about = { date, machine: describeMachine(), versions: await findVersions(process.execPath, product) }
  const complete = folder === '..' && sizes.join() === SIZES[store].join()
  const whole = store === 'memory' ? 'scale' : `scale-${store}`
  write(name ?? (complete ? whole : `${whole}-partial`), { ...about, results })
}

async function measureMemory (sizes, child) {
  const progress = createProgress(sizes.length * 3)
  const results = []
  for (const size of sizes) {
    // Each in a process of its own, so that none finds what another has left, and on every core: where it had but one,
    // what collects the garbage of a million records would take it for a second at a time.
    progress.step(`memory of ${size} records in the store`)
    const store = await child('memory.mjs', 'store', size)
    progress.step(`memory of ${size} records in a Map`)
    const map = await child('memory.mjs', 'map', size)
    progress.step(`operations on ${size} records`)
    const [speed] = await child('speed.mjs', 'memory:', size)
    results.push({ ...speed, memory: { store: store.bytes, map: map.bytes } })
  }
  progress.end()
  return results
}

/** In one process, whose stores take turns: they hold nothing in memory that would slow another. */
async function measureFolders (sizes, child) {
  const folder = mkdtempSync(join(tmpdir(), 'scale-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  return child('speed.mjs', ...sizes.flatMap((size) => [`lmdb:${join(folder, size)}`, size]))
}

function write (name, figures) {
  const base = join(BENCH, 'results', name)
  mkdirSync(join(BENCH, 'results'), { recursive: true })
  writeFileSync(`${base}.json`, JSON.stringify(figures, null, 2) + '\n')
  if (store === 'memory') writeFileSync(`${base}.svg`, drawScale(figures))
  process.stderr.write(`wrote ${base}.json\n`)
}
