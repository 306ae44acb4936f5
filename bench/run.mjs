// Compares the API with its peers and with a bare node:http server: see README.md, or run with --help.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { drawChart } from './lib/chart.mjs'
import { createCheck } from './lib/check.mjs'
import { judge } from './lib/floors.mjs'
import { findNode, installPeers, installPython } from './lib/install.mjs'
import { GENERATOR } from './lib/load.mjs'
import { describeMachine, findVersions } from './lib/machine.mjs'
import { takeLatencies, takeRound, takeStartup } from './lib/measure.mjs'
import { OPERATIONS, SIZES } from './lib/operations.mjs'
import { readOptions, USAGE } from './lib/options.mjs'
import { divideCores } from './lib/processes.mjs'
import { createProgress } from './lib/progress.mjs'
import { EIGHT, makeRecords } from './lib/records.mjs'
import { formatReport } from './lib/report.mjs'
import { BENCH, has, SERVERS, SWAGGER } from './lib/servers.mjs'
import { openStores } from './lib/stores.mjs'
import { median } from './lib/statistics.mjs'
import { summarizeSamples } from './lib/summary.mjs'

const say = (text) => process.stderr.write(text + '\n')

try {
  const options = readOptions(process.argv.slice(2))
  if (options.help) console.log(USAGE)
  else await compare(options)
} catch (error) {
  say(`\nbench: ${error.message}`)
  // Ends what still runs, too.
  process.exit(1)
}

async function compare (options) {
  const date = new Date().toISOString()
  const { plan } = options
  const bench = await prepare(options)
  const figures = await measure(options, bench)
  await bench.stores.close()
  bench.progress.end()

  const summary = summarizeSamples(figures)
  const { versions, omitted } = bench
  const machine = describeMachine()
  const floors = judge(summary)
  console.log('\n' + formatReport({ summary, floors, omitted }) + '\n')

  const write = (extension, content) => {
    const file = join(BENCH, 'results', `${options.name}.${extension}`)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, content)
    say(`wrote ${file}`)
  }
  const { quick } = options
  write('json', JSON.stringify({ date, machine, versions, omitted, options: { quick, generator: GENERATOR, cores: bench.cores, ...plan }, summary, floors, ...figures }, null, 2) + '\n')
  write('svg', drawChart({ summary, date, machine, versions }))
}

/** Installs what is missing, and finds out all that the measurements share. */
async function prepare ({ servers: names, operations, plan, node: wanted, product: folder = '..' }) {
  await installPeers(say)
  const product = resolve(BENCH, folder)
  const node = await findNode(wanted, say)
  const omitted = []
  const versions = await findVersions(node, product)
  let servers = SERVERS.filter(({ name }) => names.includes(name))
  if (servers.some(({ python }) => python)) {
    const python = await installPython(say)
    Object.assign(versions, python.versions)
    if (python.reason !== undefined) {
      servers = servers.filter(({ python }) => !python)
      omitted.push(`FastAPI was left out, because its virtual environment could not be made: ${python.reason}`)
      say(omitted.at(-1))
    }
  }
  const cores = divideCores(Math.max(1, ...servers.map(({ workers = 1 }) => workers)))
  if (cores.workers === undefined) {
    omitted.push(...servers.filter(({ workers }) => workers).map(({ title, workers }) => `${title} was left out: there are no ${workers} cores for it and another for the load`))
    servers = servers.filter(({ workers }) => !workers)
  }
  if (cores.server === undefined) say('the server and the load share the cores: there is but one, or no taskset')
  if (GENERATOR !== 'wrk') say(`no wrk is installed: ${GENERATOR} makes the load, and is itself slower than the fastest servers`)
  const temporary = makeTemporaryFolder()
  const stores = await openStores(servers, temporary)
  const progress = createProgress(countSteps(servers, operations, plan))
  return { servers, node, product, versions, omitted, cores, folder: temporary, files: writeRecords(temporary), stores, plan, progress, check: createCheck() }
}

function makeTemporaryFolder () {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Writes the data sets; gives their files by their sizes. */
function writeRecords (folder) {
  return new Map(SIZES.map((size) => {
    const file = join(folder, `${size}.json`)
    writeFileSync(file, JSON.stringify(size === EIGHT.length ? EIGHT : makeRecords(size)))
    return [size, file]
  }))
}

async function measure ({ operations: names }, bench) {
  const { servers, plan } = bench
  const own = servers.filter(isOwn)
  const operations = OPERATIONS.filter(({ name }) => names.includes(name))
  const startups = names.includes('startup') ? await measureStartups([...own, SWAGGER], bench) : []
  const samples = []
  for (let round = 0; round < plan.rounds; round++) samples.push(...await measureRound(round, operations, servers, bench))
  const latencies = names.includes('latency') ? await measureLatencies(own, samples, bench) : []
  return { samples, startups, latencies }
}

async function measureStartups (servers, bench) {
  const { plan: { startups: count }, progress } = bench
  const startups = []
  for (let i = 0; i < count; i++) {
    for (const server of rotate(servers, i)) {
      const times = await takeStartup(server, bench)
      startups.push({ server: server.name, ...times })
      progress.step(`start-up ${i + 1} of ${count}: ${server.title}, ${times.slow ?? `${times.startup.toFixed(0)} ms`}`)
    }
  }
  return startups
}

async function measureRound (round, operations, servers, bench) {
  bench.progress.say(`round ${round + 1} of ${bench.plan.rounds}`)
  const samples = []
  for (const operation of operations) {
    // Each round begins with another server, so that none is always the first.
    const taken = await takeRound(rotate(servers.filter((server) => has(server, operation)), round), operation, bench)
    samples.push(...taken.map((sample) => ({ round, operation: operation.name, ...sample })))
    bench.progress.say(`${operation.title}: ${taken.map(({ server, slow, rate, processor }) => `${server} ${slow ?? `${processor.toFixed(1)} us, ${rate.toFixed(0)}/s`}`).join('; ')}`)
  }
  return samples
}

/** At half of the maximum rate of the limit, for every server. */
async function measureLatencies (servers, samples, bench) {
  const view = OPERATIONS.find(({ name }) => name === 'view')
  const rate = await limitOf(view, samples, bench) / 2
  if (!(rate > 0)) return []
  const latencies = []
  for (let round = 0; round < bench.plan.rounds; round++) {
    const taken = await takeLatencies(rotate(servers, round), view, rate, bench)
    latencies.push(...taken.map((sample) => ({ round, ...sample })))
    bench.progress.say(`p99 at ${rate.toFixed(0)} requests a second: ${taken.map(({ server, p99 }) => `${server} ${p99.toFixed(2)} ms`).join(', ')}`)
  }
  return latencies
}

/** The maximum rate of the limit. */
async function limitOf (operation, samples, bench) {
  const known = samples.filter((sample) => sample.operation === operation.name && sample.server === 'bare')
  const taken = known.length > 0 ? known : await takeRound(SERVERS.filter(({ name }) => name === 'bare'), operation, bench)
  return median(taken.filter(({ slow }) => slow === undefined).map(({ rate }) => rate))
}

/** The limit and the product. */
function isOwn ({ name }) {
  return name === 'bare' || name === 'product'
}

function rotate (list, by) {
  return [...list.slice(by % list.length), ...list.slice(0, by % list.length)]
}

/** One for each start of a server. */
function countSteps (servers, operations, { rounds, startups }) {
  const own = servers.filter(isOwn).length
  const pairs = OPERATIONS.filter(({ name }) => operations.includes(name)).flatMap((operation) => servers.filter((server) => has(server, operation)))
  const perRound = pairs.length + (operations.includes('latency') ? own : 0)
  return (operations.includes('startup') ? startups * (own + 1) : 0) + rounds * perRound
}
