import { must } from '../disagreement.js'
import { LIST, makeFields, pathOf, type Fields } from '../languages.js'
import { withId } from '../resource.js'
import type { Random } from '../random.js'
import { createRandom } from '../random.js'
import type { Attack } from './attack.js'
import { beside } from './beside.js'
import { openWire, requestText, type RawAnswer, type Wire } from './wire.js'

const RUNS = 1000
const LANES = 10
const STEPS = 12

/** Reads and writes of one language on one connection, none of which waits for the answer to the one before. */
export const pipelines: Attack = {
  name: `${RUNS} pipelined histories`,
  run: beside(async ({ server, random }) => {
    let next = 0
    let sent = 0
    const seed = random.below(1e9)
    await Promise.all(Array.from({ length: LANES }, async () => {
      for (let run = next++; run < RUNS; run = next++) {
        const wire = await openWire(server.address)
        sent += await play(wire, run, createRandom(seed, run))
        wire.close()
      }
    }))
    return [`${sent} requests, each answered as if it had waited`]
  })
}

/** What a request asks, what the answer must be, and what the language is then; undefined where it is gone. */
interface Step {
  readonly request: string
  readonly status: number
  readonly text?: string
  readonly then: Fields | undefined
}

async function play (wire: Wire, run: number, random: Random): Promise<number> {
  const language = `history ${run}`
  const first = makeFields(language, 0, 'pipelines')
  wire.write(requestText('POST', LIST, [], JSON.stringify(first)))
  const id: number = JSON.parse(expect(await wire.read(), { request: 'POST', status: 201, then: first }).text).id
  const steps: Step[] = []
  for (let version = 1; version <= STEPS; version++) {
    steps.push(random.pick(KINDS)(id, steps.at(-1)?.then ?? (steps.length === 0 ? first : undefined), makeFields(language, version, 'pipelines')))
  }
  await writeInPieces(wire, steps.map(({ request }) => request).join(''), random)
  for (const step of steps) expect(await wire.read(), step)
  return steps.length + 1
}

function expect (answer: RawAnswer | undefined, { request, status, text }: Step): RawAnswer {
  const what = () => request.slice(0, 500)
  must(answer !== undefined, () => `there is no answer to ${what()}`)
  must(answer.status === status, () => `the answer is ${answer.status}, not ${status}: ${answer.text}, to ${what()}`)
  must(text === undefined || answer.text === text, () => `the answer is ${answer.text}, not ${text}, to ${what()}`)
  return answer
}

/** Wherever a text is cut, it is the same requests. */
async function writeInPieces (wire: Wire, text: string, random: Random): Promise<void> {
  const bytes = Buffer.from(text)
  const cuts = Array.from({ length: random.below(4) }, () => random.below(bytes.length)).sort((a, b) => a - b)
  for (const [i, end] of [...cuts, bytes.length].entries()) {
    wire.write(bytes.subarray(cuts[i - 1] ?? 0, end))
    await new Promise((resolve) => setImmediate(resolve))
  }
}

type Kind = (id: number, now: Fields | undefined, next: Fields) => Step

const textOf = (id: number, fields: Fields): string => withId(id, JSON.stringify(fields))
/** What a request asks of a language that may be gone. */
const ifThere = (request: string, now: Fields | undefined, step: (now: Fields) => Omit<Step, 'request'>): Step =>
  ({ request, ...(now === undefined ? { status: 404, then: now } : step(now)) })

const view: Kind = (id, now) => ifThere(requestText('GET', pathOf(id)), now, (now) => ({ status: 200, text: textOf(id, now), then: now }))

const replace: Kind = (id, now, next) => ifThere(requestText('PUT', pathOf(id), [], JSON.stringify(next)), now,
  () => ({ status: 200, text: textOf(id, next), then: next }))

const replaceNone: Kind = (id, now, next) => ifThere(requestText('PUT', pathOf(id), [['If-None-Match', '*']], JSON.stringify(next)), now,
  (now) => ({ status: 412, then: now }))

const merge: Kind = (id, now, { contribution }) => ifThere(requestText('PATCH', pathOf(id), [], JSON.stringify({ contribution })), now,
  (now) => ({ status: 200, text: textOf(id, { ...now, contribution }), then: { ...now, contribution } }))

/** Applies only where all before it has been done. */
const patch: Kind = (id, now, { publication_year: year }) => {
  const operations = [{ op: 'test', path: '/name', value: now?.name ?? '' }, { op: 'replace', path: '/publication_year', value: year }]
  return ifThere(requestText('PATCH', pathOf(id), [['Content-Type', 'application/json-patch+json']], JSON.stringify(operations)), now,
    (now) => ({ status: 200, text: textOf(id, { ...now, publication_year: year }), then: { ...now, publication_year: year } }))
}

const list: Kind = (id, now, { name }) => {
  const found = now === undefined ? '' : textOf(id, now)
  return { request: requestText('GET', `${LIST}?name=${encodeURIComponent(now?.name ?? name)}`), status: 200, text: `{"programming_languages":[${found}]}`, then: now }
}

const remove: Kind = (id, now) => ifThere(requestText('DELETE', pathOf(id)), now, () => ({ status: 204, then: undefined }))

/** The more often a kind is named, the more often it is chosen. */
const KINDS = [replace, view, view, view, replace, replace, merge, merge, patch, patch, replaceNone, list, remove] as const
