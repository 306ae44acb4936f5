import { Agent, request as open, type IncomingMessage } from 'node:http'

export interface Request {
  readonly method: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as JSON. */
  readonly body?: unknown
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly text: string
}

/** How long, in milliseconds, an answer may take by default. */
const PATIENCE = 30_000

/** One connection to a server, which lasts. */
export interface Connection {
  /** Rejects where the whole answer did not come. */
  send (request: Request): Promise<Answer>
  close (): void
}

export function createConnection (address: string, patience = PATIENCE): Connection {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })

  return {
    send: ({ method, path, headers = {}, body }) => new Promise((resolve, reject) => {
      const content = body === undefined ? {} : { 'content-type': 'application/json' }
      const request = open(new URL(path, address), { method, agent, headers: { ...content, ...headers }, signal: AbortSignal.timeout(patience) })
      request.on('error', reject)
      request.on('response', (response) => { readAnswer(response).then(resolve, reject) })
      request.end(body === undefined ? undefined : JSON.stringify(body))
    }),
    close: () => agent.destroy()
  }
}

async function readAnswer (response: IncomingMessage): Promise<Answer> {
  const chunks = await response.toArray()
  return { status: response.statusCode ?? 0, headers: response.headers, text: Buffer.concat(chunks).toString() }
}
