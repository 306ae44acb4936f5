// Measures how the API does with more and more records: see README.md.

import { mkdirSync, writeFileSync } from 'node:fs'
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
const LIMIT = 600

const { values: { product: folder, sizes: list, name } } = parseArgs({
  options: {
    product: { type: 'string', default: '..' },
    sizes: { type: 'string', default: SIZES.join(',') },
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
  const sizes = list.split(',').map(Number)
  const progress = createProgress(sizes.length * 3)
  const child = async (file, ...args) => {
    const command = [process.execPath, '--expose-gc', '--max-old-space-size=8192', join(BENCH, 'scale', file), ...args, product]
    return JSON.parse(await run(command, { seconds: LIMIT }))
  }

  const results = []
  for (const size of sizes) {
    // Each in a process of its own, so that none finds what another has left, and on every core: where it had but one,
    // what collects the garbage of a million records would take it for a second at a time.
    progress.step(`memory of ${size} records in the store`)
    const store = await child('memory.mjs', 'store', size)
    progress.step(`memory of ${size} records in a Map`)
    const map = await child('memory.mjs', 'map', size)
    progress.step(`operations on ${size} records`)
    const { fill, indexing, store: alone, request } = await child('speed.mjs', size)
    results.push({ size, fill, indexing, times: { store: alone, request }, memory: { store: store.bytes, map: map.bytes } })
  }
  progress.end()

  console.log('\n' + formatScale(results) + '\n')
  const about = { date, machine: describeMachine(), versions: await findVersions(process.execPath, product) }
  const complete = folder === '..' && sizes.join() === SIZES.join()
  write(name ?? (complete ? 'scale' : 'scale-partial'), { ...about, results })
}

function write (name, figures) {
  const base = join(BENCH, 'results', name)
  mkdirSync(join(BENCH, 'results'), { recursive: true })
  writeFileSync(`${base}.json`, JSON.stringify(figures, null, 2) + '\n')
  writeFileSync(`${base}.svg`, drawScale(figures))
  process.stderr.write(`wrote ${base}.json and ${base}.svg\n`)
}
