import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { Disagreement } from '../disagreement.js'

/** An answer as it came. */
export interface RawAnswer {
  readonly status: number
  /** By their names in lower case; of those with one name, the last. */
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
}

/** A connection on which bytes are sent as they are, whether or not they are any request. */
export interface Wire {
  write (bytes: string | Buffer): void
  /** The next answer, in the order of the requests; undefined where the connection is closed before the whole of it is there. Rejects where neither happens. */
  read (): Promise<RawAnswer | undefined>
  /** Whether the other end has closed it. */
  isClosed (): boolean
  /** How it ended, for who read no answer: with a reset, or with bytes of an answer of which the rest did not come. */
  fate (): 'was reset' | 'ended within an answer' | 'ended'
  /** Takes nothing for so many milliseconds, so that what is sent waits at the other end. */
  rest (milliseconds: number): Promise<void>
  close (): void
}

/** For how long, in milliseconds, a connection may be silent before this end closes it. */
const PATIENCE = 30_000

export async function openWire (address: string): Promise<Wire> {
  const { hostname, port } = new URL(address)
  const socket = connect(Number(port), hostname)
  await once(socket, 'connect')
  // What has come, and how many bytes of it are needed to read on: a long answer is put together once.
  let chunks: Buffer[] = []
  let size = 0
  let wanted = 0
  let closed = false
  let reset = false
  let failure: Disagreement | undefined
  let wake = () => {}
  socket.setNoDelay(true).setTimeout(PATIENCE, () => socket.destroy(new Disagreement(`there is no answer for ${PATIENCE / 1000} s`)))
  socket.on('data', (chunk) => {
    chunks.push(chunk)
    size += chunk.length
    wake()
  })
  socket.on('error', (error) => {
    if (error instanceof Disagreement) failure = error
    else reset = true
  })
  socket.on('close', close).on('end', close)

  return { write: (bytes) => { socket.write(bytes) }, read, isClosed: () => closed, fate, rest, close: () => { socket.destroy() } }

  async function read (): Promise<RawAnswer | undefined> {
    for (;;) {
      if (failure !== undefined) throw failure
      if (size >= wanted || closed) {
        const bytes = Buffer.concat(chunks)
        const { answer, length } = parseAnswer(bytes)
        const rest = answer === undefined ? bytes : bytes.subarray(length)
        chunks = [rest]
        size = rest.length
        wanted = answer === undefined ? length : 0
        if (answer !== undefined || closed) return answer
      }
      await new Promise<void>((resolve) => { wake = resolve })
    }
  }

  function fate () {
    if (reset) return 'was reset'
    return size > 0 ? 'ended within an answer' : 'ended'
  }

  async function rest (milliseconds: number): Promise<void> {
    socket.pause()
    await pause(milliseconds)
    socket.resume()
  }

  function close (): void {
    closed = true
    wake()
  }
}

/** Fields in the order in which they are sent; those with one name need not be one. */
export type RawFields = readonly (readonly [name: string, value: string])[]

/** A request as text. Where there is content, `Content-Length` says how long it is, and that it is JSON unless a field does. */
export function requestText (method: string, target: string, fields: RawFields = [], content?: string): string {
  const isTyped = fields.some(([name]) => name.toLowerCase() === 'content-type')
  const about: RawFields = content === undefined ? [] : [['Content-Length', String(Buffer.byteLength(content))], ...(isTyped ? [] : [['Content-Type', 'application/json'] as const])]
  const lines = [['Host', 'x'] as const, ...about, ...fields].map(([name, value]) => `${name}: ${value}\r\n`)
  return `${method} ${target} HTTP/1.1\r\n${lines.join('')}\r\n${content ?? ''}`
}

/** The first answer in some bytes, and how many of them it has; where the whole of it is not there, how many it needs at least. */
function parseAnswer (bytes: Buffer): { answer?: RawAnswer, length: number } {
  const end = bytes.indexOf('\r\n\r\n')
  if (end === -1) return { length: bytes.length + 1 }
  const [line = '', ...fields] = bytes.toString('latin1', 0, end).split('\r\n')
  const status = Number(line.split(' ')[1])
  const headers = Object.fromEntries(fields.map((field) => [field.slice(0, field.indexOf(':')).toLowerCase(), field.slice(field.indexOf(':') + 1).trim()]))
  const begin = end + 4
  const length = begin + (status === 204 || status === 304 ? 0 : Number(headers['content-length'] ?? 0))
  if (bytes.length < length) return { length }
  return { answer: { status, headers, text: bytes.toString('utf8', begin, length) }, length }
}
