import { inspect, parseArgs } from 'node:util'
import { SITES } from '../attack/sites.js'
import { HEAP, memoryOf } from '../memory.js'
import { buildProgram, type Server } from '../program.js'
import { readDocument, type Document } from './document.js'
import { createFindings, type Findings } from './findings.js'
import { sendGenerated } from './generated.js'
import { sendMalformed } from './malformed.js'
import { SUBJECTS, type Subject } from './subjects.js'
import { sendTexts } from './texts.js'
import { openWire } from './wire.js'

const USAGE = `Usage: npm run fuzz -- [options]

Sends the program, on every store, requests that are made of its OpenAPI document, valid ones and such as are broken in some way; bytes
that are no valid HTTP; and JSON and texts that programs have stumbled over. Each answer must be as the document says, what was taken
must come back as it was sent, and the memory must stay as it is. Ends with 1 where something was not so, and shows what was sent.

  --store X     ${[...SITES.keys()].join(', ')} or all; default: all
  --resource X  ${Object.keys(SUBJECTS).join(', ')} or all; default: all
  --requests N  how many of each kind, for each store; default: 100000
  --seed N      makes the same choices again; default: SEED, or 1
  --help        this`

/** By how many MiB the memory may grow from half of the requests to all: stores and lists have caches that are filled late. */
const MOST_GROWTH = 6

interface Options {
  readonly store: string
  readonly resource: string
  readonly requests: number
  readonly seed: number
}

// What it has started ends with it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(130))

run(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${inspect(error)}\n`)
  process.exit(1)
})

async function run (args: string[]): Promise<void> {
  const { values: { help, store, resource, requests, seed } } = parseArgs({
    args,
    options: {
      store: { type: 'string', default: 'all' },
      resource: { type: 'string', default: 'all' },
      requests: { type: 'string', default: '100000' },
      seed: { type: 'string', default: process.env.SEED ?? '1' },
      help: { type: 'boolean', default: false }
    }
  })
  if (help) process.stdout.write(`${USAGE}\n`)
  else process.exitCode = await fuzzStores({ store, resource, requests: Number(requests), seed: Number(seed) }) === 0 ? 0 : 1
}

/** Says how many of the trials failed. */
async function fuzzStores ({ store: asked, resource, requests, seed }: Options): Promise<number> {
  process.stderr.write(`the seed is ${seed}\n`)
  const program = buildProgram(HEAP, ...Object.values(SUBJECTS).flatMap(({ launch: { entry } }) => entry ?? []))
  let failed = 0
  for (const [store, open] of SITES) {
    if (asked !== 'all' && asked !== store) continue
    const sites = await open(program, 0)
    for (const [name, subject] of Object.entries(SUBJECTS)) {
      if (resource !== 'all' && resource !== name) continue
      for (const [what, trial] of trialsOf(subject, requests, seed)) {
        const begin = performance.now()
        const { url } = await sites.fresh()
        const server = await program.start(url, { ...subject.launch, preload: HEAP, settings: { ...subject.launch.settings, IDEMPOTENCY_KEY_LIFETIME: '5' } })
        const findings = createFindings((text) => process.stderr.write(`${text}\n`))
        const figures = await trial(server, findings).catch((error: unknown) => findings.add(inspect(error))) ?? []
        await server.kill()
        const seconds = ((performance.now() - begin) / 1000).toFixed(0)
        const holds = findings.count() === 0
        if (!holds) failed++
        process.stdout.write(`${holds ? 'ok' : 'not ok'} - ${store}, ${name}: ${[what, ...figures, `${seconds} s`, ...findings.kinds()].join('; ')}\n`)
      }
    }
    await sites.remove()
  }
  return failed
}

/** Does something to a server, and gives the figures of it. */
type Trial = (server: Server, findings: Findings) => Promise<readonly string[]>

function trialsOf (subject: Subject, requests: number, seed: number): readonly (readonly [what: string, Trial])[] {
  const isOurs = subject.list === '/programming_languages'
  // What is no valid HTTP is the same to every resource; the others are there for their properties.
  const generated = isOurs ? requests : requests / 5
  const byDocument: Trial = (server, findings) => inHalves(server, findings, (document, half) => sendGenerated(server.address, document, generated / 2, [seed, half], findings))
  const noHttp: Trial = (server, findings) => inHalves(server, findings, (document, half) => sendMalformed(server.address, document, requests / 2, [seed, half], findings))
  const texts: Trial = async (server, findings) => [`${await sendTexts(server.address, await documentOf(server), subject, findings)} requests`]
  return [
    [`${generated} requests by the document`, byDocument],
    ...isOurs ? [[`${requests} requests that are no valid HTTP`, noHttp] as const] : [],
    ['JSON and texts of every kind', texts]
  ]
}

/** Sends requests in two halves. The server has after the second the memory that it had after the first. */
async function inHalves (server: Server, findings: Findings, send: (document: Document, half: number) => Promise<ReadonlyMap<number, number>>): Promise<readonly string[]> {
  const document = await documentOf(server)
  const statuses = new Map<number, number>()
  const memory: number[] = []
  for (const half of [0, 1]) {
    for (const [status, count] of await send(document, half)) statuses.set(status, (statuses.get(status) ?? 0) + count)
    memory.push(await mebibytesOf(server))
  }
  const [first = 0, second = 0] = memory
  if (second - first > MOST_GROWTH) findings.add(`the memory grows from ${first.toFixed(1)} to ${second.toFixed(1)} MiB`)
  return [[...statuses].sort(([a], [b]) => a - b).map(([status, count]) => `${count} × ${status}`).join(', '), `${first.toFixed(1)} MiB after half of them, ${second.toFixed(1)} MiB after all`]
}

async function documentOf ({ address }: Server): Promise<Document> {
  const wire = await openWire(address)
  wire.write(Buffer.from('GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n'))
  const answer = await wire.read('GET')
  wire.close()
  if (typeof answer !== 'object') throw new Error('the server does not answer')
  return readDocument(JSON.parse(answer.content.toString()))
}

/** How many MiB a server has in use, without its garbage. */
async function mebibytesOf (server: Server): Promise<number> {
  const held = await memoryOf(server)
  return Array.from(held.values(), ({ heap, external }) => heap + external).reduce((sum, bytes) => sum + bytes, 0) / 2 ** 20
}
