import cluster, { type Worker } from 'node:cluster'
import { once } from 'node:events'
import { AggregatorRegistry } from 'prom-client'
import { Refusal } from '../http/error.js'
import { isObject } from '../http/json.js'

/** The message by which a worker asks its primary, and the type of the answer, which has no text where a worker did not tell its figures in time. */
const ASK = { type: 'metrics of all?' }
const ANSWER = 'metrics of all'

/** In the primary: tells each worker that asks the figures of all, added up. */
export function tellMetrics (): void {
  const all = new AggregatorRegistry()
  cluster.on('message', (worker, { type }: { type?: unknown }) => {
    if (type !== ASK.type) return
    const tell = (text?: string) => worker.send({ type: ANSWER, text }, () => {})
    void all.clusterMetrics().then(tell, () => tell())
  })
}

/** In a worker: lets it tell its figures, and returns what asks for those of all. */
export function askForMetrics (worker: Worker): () => Promise<string> {
  // Makes the worker answer to the primary of prom-client.
  void new AggregatorRegistry()
  return async () => {
    if (!worker.isConnected()) throw new Refusal('the other processes cannot be asked any more')
    worker.send(ASK)
    while (true) {
      const parts: readonly unknown[] = await once(worker, 'message')
      const message = parts[0]
      if (!isObject(message) || message['type'] !== ANSWER) continue
      if (typeof message['text'] !== 'string') throw new Refusal('a process did not tell its figures in time')
      return message['text']
    }
  }
}
