import http from 'node:http'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { createBrotliDecompress } from 'node:zlib'
import { PATIENCE, Slow } from './slow.mjs'

export const HOST = '127.0.0.1'

/** Asks a server, one request after the other on one connection; an answer has its size on the wire in `bytes`. */
export function createClient (port) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
  return {
    ask: async (request) => {
      const target = { host: HOST, port, agent }
      try {
        return await ask(target, request)
      } catch (error) {
        // The server may close an idle connection in the moment in which it is used again.
        if (!error.reused || error.code !== 'ECONNRESET') throw error
        return await ask(target, request)
      }
    },
    close: () => agent.destroy()
  }
}

function ask (target, { method, path, headers, body }) {
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }
    const request = http.request({ ...target, method, path, headers: { ...headers, ...length }, timeout: PATIENCE * 1000 })
    let before
    request.on('socket', (socket) => { before = socket.bytesRead })
    request.on('timeout', () => request.destroy(new Slow()))
    request.on('error', (error) => reject(Object.assign(error, { reused: request.reusedSocket })))
    request.on('response', async (response) => {
      try {
        const { socket, statusCode: status, headers } = response
        const text = await textOf(response)
        resolve({ status, headers, text, bytes: socket.bytesRead - before })
      } catch (error) {
        reject(error)
      }
    })
    request.end(body)
  })
}

async function textOf (response) {
  const decoded = response.headers['content-encoding'] === 'br' ? response.pipe(createBrotliDecompress()) : response
  let text = ''
  for await (const part of decoded.setEncoding('utf8')) text += part
  return text
}

/** A request as it is on the wire. */
export function toWire ({ method, path, headers, body }, port) {
  const fields = Object.entries({ host: `${HOST}:${port}`, ...headers })
  if (body !== undefined) fields.push(['content-length', Buffer.byteLength(body)])
  return [`${method} ${path} HTTP/1.1`, ...fields.map(([name, value]) => `${name}: ${value}`), '', body ?? ''].join('\r\n')
}

/** A port that is free just now. */
export async function freePort () {
  const server = createServer().listen(0, HOST)
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}
