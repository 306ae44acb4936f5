// Sends requests at a constant rate, whatever the server does, and prints how long the answers took as JSON.
// A request that waits for a free connection waits for its answer, too: its time counts from when it was due.

import { connect } from 'node:net'
import { once } from 'node:events'

const { port, host, requests, rate, seconds, connections } = JSON.parse(process.argv[2])

const wires = requests.map((text) => Buffer.from(text))
const total = Math.round(rate * seconds)
const gap = 1000 / rate
const latencies = new Float64Array(total)
const HEAD_END = Buffer.from('\r\n\r\n')
const OK = Buffer.from(' 200 ')

const idle = await Promise.all(Array.from({ length: connections }, open))
let sent = 0
let done = 0

const begin = performance.now() + 50
const limit = begin + seconds * 2000
await new Promise((resolve) => setImmediate(proceed, resolve))
const took = (performance.now() - begin) / 1000

// What has no answer yet has waited until now, at least.
for (let i = done; i < total; i++) latencies[i] = performance.now() - (begin + i * gap)
latencies.sort()
const percentile = (share) => latencies[Math.min(total - 1, Math.floor(total * share))]
console.log(JSON.stringify({ rate: done / took, p50: percentile(0.5), p99: percentile(0.99), p999: percentile(0.999), most: latencies[total - 1] }))
process.exit()

/** Sends what is due, again and again, until every answer is there, or twice the time is over. */
function proceed (end) {
  const now = performance.now()
  if (done === total || now > limit) return end()
  sendDue(now)
  setImmediate(proceed, end)
}

function sendDue (now) {
  while (sent < total && begin + sent * gap <= now && idle.length > 0) {
    const connection = idle.pop()
    connection.due = begin + sent * gap
    connection.socket.write(wires[sent % wires.length])
    sent++
  }
}

async function open () {
  const socket = connect({ port, host, noDelay: true })
  await once(socket, 'connect')
  const connection = { socket, due: 0, missing: 0 }
  socket.on('data', (chunk) => receive(connection, chunk))
  socket.on('close', () => { throw new Error('the server closed a connection') })
  return connection
}

function receive (connection, chunk) {
  if (connection.missing === 0) connection.missing = sizeOf(chunk)
  connection.missing -= chunk.length
  if (connection.missing > 0) return
  latencies[done++] = performance.now() - connection.due
  idle.push(connection)
}

/** The size of the answer that begins with this chunk. Its head is in the chunk: the answers here are small. */
function sizeOf (chunk) {
  const end = chunk.indexOf(HEAD_END)
  if (end === -1 || chunk.indexOf(OK) === -1) throw new Error(`not a good answer: ${chunk}`)
  const [, length] = chunk.latin1Slice(0, end).match(/content-length: *(\d+)/i)
  return end + HEAD_END.length + Number(length)
}
