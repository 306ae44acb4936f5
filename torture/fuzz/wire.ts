import { once } from 'node:events'
import { connect } from 'node:net'
import { Disagreement, must } from '../disagreement.js'

/** An answer as it came. */
export interface Answer {
  readonly status: number
  /** By their names in lower case: none may come twice. */
  readonly fields: ReadonlyMap<string, string>
  readonly content: Buffer
}

/** What comes of a request: its answer; or nothing, because the connection has ended, or because nothing came for a while. */
export type Outcome = Answer | 'ended' | 'silent'

/** A connection on which bytes are sent as they are, and of which every byte must be of a well-formed answer. */
export interface Wire {
  write (bytes: Buffer): void
  /** Says that nothing more will be sent, but still reads. */
  end (): void
  /** The next answer, which is one to a request by this method. */
  read (method: string, patience?: number): Promise<Outcome>
  /** Ends it at once, so that the system keeps nothing of it. */
  close (): void
}

/** How long, in milliseconds, an answer may take. */
const PATIENCE = 20_000

export async function openWire (address: string): Promise<Wire> {
  const { hostname, port } = new URL(address)
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true, noDelay: true })
  // What else it fails of shows in what can be read from it.
  socket.on('error', () => {})
  let bytes = Buffer.alloc(0)
  let ended = false
  let wake = () => {}
  await Promise.race([once(socket, 'connect'), once(socket, 'close').then(() => { throw new Disagreement('the server takes no connection') })])
  socket.on('data', (chunk) => {
    bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk])
    wake()
  })
  socket.on('end', finish).on('close', finish)
  return { write: (bytes) => { socket.write(bytes) }, end: () => { socket.end() }, read, close: () => { socket.resetAndDestroy() } }

  async function read (method: string, patience = PATIENCE): Promise<Outcome> {
    const late = performance.now() + patience
    for (;;) {
      const found = parseAnswer(bytes, method)
      if (found !== undefined) {
        bytes = bytes.subarray(found.length)
        // 100 Continue is followed by the answer.
        if (found.answer.status >= 200) return found.answer
      } else if (ended) {
        must(bytes.length === 0, () => `the connection ends within an answer: ${bytes.toString('latin1')}`)
        return 'ended'
      } else {
        const rest = late - performance.now()
        if (rest <= 0) return 'silent'
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, rest)
          wake = () => {
            clearTimeout(timer)
            resolve()
          }
        })
      }
    }
  }

  function finish (): void {
    ended = true
    wake()
  }
}

const STATUS_LINE = /^HTTP\/1\.1 ([1-5]\d\d) [\t\x20-\x7e]*$/
const FIELD = /^([\w!#$%&'*+.^`|~-]+): ?([\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?$/

/** The first answer in some bytes, and how many of them it has; undefined where the whole of it is not there. Throws where they are none. */
function parseAnswer (bytes: Buffer, method: string): { answer: Answer, length: number } | undefined {
  const end = bytes.indexOf('\r\n\r\n')
  if (end === -1) return undefined
  const [line = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n')
  const status = Number(STATUS_LINE.exec(line)?.[1])
  must(status > 0, () => `this is no status line: ${JSON.stringify(line)}`)
  const fields = new Map<string, string>()
  for (const text of lines) {
    const [, name = '', value = ''] = FIELD.exec(text) ?? []
    must(name !== '' && !fields.has(name.toLowerCase()), () => `this is no field, or one that was there: ${JSON.stringify(text)}`)
    fields.set(name.toLowerCase(), value)
  }
  const [length, coding] = [fields.get('content-length'), fields.get('transfer-encoding')]
  must(length === undefined || coding === undefined, () => 'an answer has two lengths')
  const begin = end + 4
  if (status < 200 || status === 204 || status === 304) must(length === undefined && coding === undefined, () => `a ${status} says how long its content is`)
  const isLast = fields.get('connection') === 'close'
  if (status < 200 || status === 204 || status === 304 || method === 'HEAD') {
    // Whoever cannot read a request does not see that it is HEAD: all that follows is no answer to another.
    return { answer: { status, fields, content: Buffer.alloc(0) }, length: isLast && status >= 400 ? bytes.length : begin }
  }
  must(length !== undefined && /^\d+$/.test(length), () => `an answer has no length: ${lines.join('; ')}`)
  const whole = begin + Number(length)
  return bytes.length < whole ? undefined : { answer: { status, fields, content: bytes.subarray(begin, whole) }, length: whole }
}
