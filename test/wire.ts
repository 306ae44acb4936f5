import { once } from 'node:events'
import type { Server } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import type { Test } from 'tap'

/** Connects to a server, to send it bytes as they are; what it sends is read at once, or from the call of `read` on. */
export async function connectTo (t: Test, server: Server, { reads = true } = {}) {
  const { port } = server.address() as AddressInfo
  const accepted = once(server, 'connection')
  const socket = connect(port, '127.0.0.1').setEncoding('latin1')
  t.teardown(() => socket.destroy())
  socket.on('error', () => {})
  let received = ''
  const ended = new AbortController()
  const closed = new Promise<string>((resolve) => socket.once('close', () => {
    ended.abort(new Error(`the connection ended after: ${received.slice(0, 1000)}`))
    resolve(received)
  }))
  const [connection] = await accepted
  if (reads) read()
  return { socket, connection, send, received: () => received, until, read, closed }

  function read (): void {
    socket.on('data', (chunk) => { received += chunk })
  }

  function send (bytes: string): void {
    socket.write(bytes, 'latin1')
  }

  /** Waits until what has been received matches. */
  async function until (pattern: RegExp): Promise<string> {
    while (!pattern.test(received)) await once(socket, 'data', { signal: ended.signal })
    return received
  }
}

/** A request without a body, with these fields. */
export function request (line: string, fields = ''): string {
  return `${line} HTTP/1.1\r\nHost: x\r\n${fields}\r\n`
}

/** The statuses of what a connection has received. */
export function statusesOf (received: string): number[] {
  return Array.from(received.matchAll(/HTTP\/1\.1 (\d{3})/g), ([, status]) => Number(status))
}
