import { connect, type Socket } from 'node:net'
import { LIST } from '../languages.js'
import { requestText } from './wire.js'

// Slow clients, in a process of their own: told how many of each kind and where, it opens their connections, and closes those that
// it had.

/** How many of each kind there are to be, and where. */
export interface Order {
  readonly address: string
  readonly each: number
}

interface Kind {
  /** What it sends at once; of the rest, a byte at a time. */
  readonly beginning: string
  /** Whether it reads what is answered, and sends on. */
  readonly goesOn: boolean
}

const KINDS: readonly Kind[] = [
  { beginning: 'GET /health HTTP/1.1\r\nHost: x\r\nX-Slow: ', goesOn: true },
  { beginning: `POST ${LIST} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n{`, goesOn: true },
  { beginning: requestText('GET', `${LIST}?limit=1000`).repeat(4), goesOn: false }
]

/** How many of each kind are opened at a time, and for how many milliseconds each rests between two bytes. */
const AT_A_TIME = 100
const REST = 1000

let clients: { readonly socket: Socket, readonly goesOn: boolean }[] = []

setInterval(() => {
  for (const { socket, goesOn } of clients) if (goesOn && socket.writable) socket.write('x')
}, REST)

process.on('message', (order: Order) => {
  for (const { socket } of clients) socket.destroy()
  clients = []
  begin(order).then(() => process.send?.('there'))
})
process.on('disconnect', () => process.exit())

async function begin ({ address, each }: Order): Promise<void> {
  const { hostname, port } = new URL(address)
  for (let i = 0; i < each; i += AT_A_TIME) {
    await Promise.all(Array.from({ length: Math.min(AT_A_TIME, each - i) }, () => KINDS.map(open)).flat())
  }

  function open ({ beginning, goesOn }: Kind): Promise<void> {
    return new Promise((resolve) => {
      const socket = connect(Number(port), hostname, resolve).on('error', () => resolve())
      socket.write(beginning)
      if (goesOn) socket.resume()
      clients.push({ socket, goesOn })
    })
  }
}
