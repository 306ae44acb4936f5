import { openWire, requestText, type RawAnswer, type RawFields, type Wire } from '../attack/wire.js'
import { must } from '../disagreement.js'
import { LIST, makeFields } from '../languages.js'

const CLIENTS = 32

/** How many languages a client has at most: its oldest goes when there are more. */
const MOST_OWNED = 50

/**
 * How many requests with a key of their own there are in a second. It is always the same, so that as many keys are remembered at the end
 * as after the first minute, however busy the machine is: few enough for a slow one.
 */
const KEYS = 50

export interface Load {
  /** Keeps the server at work for so many milliseconds. Rejects where an answer is not what it must be. */
  run (milliseconds: number): Promise<void>
  /** How many requests were answered. */
  answers (): number
  close (): void
}

/** Clients that create, read, list, change and delete, each without a pause. */
export async function openLoad (address: string): Promise<Load> {
  const clients = await Promise.all(Array.from({ length: CLIENTS }, async (_, i) => createClient(await openWire(address), `client ${i}`)))
  return {
    async run (milliseconds) {
      const end = performance.now() + milliseconds
      await Promise.all(clients.map(async ({ step }) => { while (performance.now() < end) await step() }))
    },
    answers: () => clients.reduce((sum, { answers }) => sum + answers(), 0),
    close: () => { for (const { close } of clients) close() }
  }
}

let filters = 0

/** A filter that no list had before. */
function nextFilter (): string {
  const number = filters++
  return `after_year=${number % 9000}&before_year=${9000 + Math.floor(number / 9000)}`
}

function createClient (wire: Wire, name: string) {
  const owned: string[] = []
  let turn = 0
  let keyed = performance.now()
  let count = 0
  return { step, answers: () => count, close: wire.close }

  async function step (): Promise<void> {
    turn++
    const text = JSON.stringify(makeFields(`${name}, ${turn}`, 0, 'soak'))
    const path = isKeyDue() ? await createTwice(text) : locationOf(await ask(201, 'POST', LIST, [], text))
    owned.push(path)
    await ask(200, 'GET', path)
    await ask(200, 'GET', `${LIST}?name=${encodeURIComponent(`nobody, ${name}, ${turn}`)}`)
    await ask(200, 'GET', `${LIST}?sort=-publication_year,name&limit=50&${nextFilter()}`)
    const page = await ask(200, 'GET', `${LIST}?sort=name&limit=20&${nextFilter()}`)
    const { next } = JSON.parse(page.text)
    if (next !== undefined) await ask(200, 'GET', next)
    await ask(200, 'PATCH', path, [['Content-Type', 'application/merge-patch+json']], JSON.stringify({ publication_year: 1 + turn % 9999 }))
    await ask(200, 'PUT', path, [], text)
    await ask(400, 'POST', LIST, [], `{"name":"${name}, ${turn}"}`)
    await ask(404, 'GET', `/${name.replace(' ', '-')}/${turn}`)
    while (owned.length > MOST_OWNED) await ask(204, 'DELETE', String(owned.shift()))
  }

  function isKeyDue (): boolean {
    const now = performance.now()
    if (now < keyed) return false
    keyed = Math.max(keyed + CLIENTS * 1000 / KEYS, now - 1000)
    return true
  }

  /** Creates a language with a key, and is answered the same when it sends it again. */
  async function createTwice (text: string): Promise<string> {
    const key: RawFields = [['Idempotency-Key', `${name}-${turn}`.replace(' ', '-')]]
    const [first, second] = [await ask(201, 'POST', LIST, key, text), await ask(201, 'POST', LIST, key, text)]
    must(second.headers['idempotency-replayed'] === 'true' && second.text === first.text, () => `what was sent again is ${second.text}, not ${first.text}`)
    return locationOf(first)
  }

  async function ask (status: number, method: string, target: string, fields: RawFields = [], content?: string): Promise<RawAnswer> {
    wire.write(requestText(method, target, fields, content))
    const answer = await wire.read()
    must(answer?.status === status, () => `${method} ${target} is ${answer?.status ?? 'not answered'}, not ${status}: ${answer?.text}`)
    count++
    return answer
  }
}

const locationOf = ({ headers }: RawAnswer): string => String(headers.location)
