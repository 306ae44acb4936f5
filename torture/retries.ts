import { createConnection, type Answer } from './connection.js'
import { must } from './disagreement.js'
import { withId, type Attempt, type Knowledge } from './knowledge.js'
import type { Random } from './random.js'

/** How many connections send again at the same time. */
const CONNECTIONS = 10

/** How often a client whose request was not answered never comes back. */
const GIVEN_UP = 0.25

/**
 * Sends again, with their keys, what was not answered before a restart, and what was as if its answer had been lost.
 * Each must be answered as if it had been sent but once. Says how many were sent.
 */
export async function retry (address: string, knowledge: Knowledge, random: Random): Promise<number> {
  const attempts = knowledge.attempts.filter(({ answer }) => answer !== undefined || !random.chance(GIVEN_UP))
  await Promise.all(Array.from({ length: CONNECTIONS }, async (_, lane) => {
    const connection = createConnection(address)
    for (const attempt of attempts.filter((_, i) => i % CONNECTIONS === lane)) check(attempt, await connection.send(attempt.request), knowledge)
    connection.close()
  }))
  return attempts.length
}

function check (attempt: Attempt, again: Answer, knowledge: Knowledge): void {
  const { request, state, id, answer: first } = attempt
  const what = () => `${request.method} ${request.path} with the key ${request.headers?.['idempotency-key']}`
  const replayed = again.headers['idempotency-replayed'] === 'true'
  const made = id ?? JSON.parse(again.text).id
  const text = request.method === 'POST' ? withId(made, state.text) : state.text
  must(again.status === (request.method === 'POST' ? 201 : 200), () => `${what()} is ${again.status} when sent again: ${again.text}`)
  must(again.text === text, () => `${what()} gives ${again.text} when sent again, not ${text}`)
  must(first === undefined || first.headers.etag === again.headers.etag, () => `${what()} has another ETag when sent again`)
  must(replayed === wasDone(attempt, knowledge), () => `${what()} was ${replayed ? 'never' : 'already'} done, and ${replayed ? 'replayed' : 'done again'}`)
  knowledge.checkTag(again.headers.etag, again.text)
  if (replayed) return
  if (request.method === 'POST') knowledge.give(made, { version: 0, text })
  else knowledge.histories.get(made)?.learn(state)
}

/** Whether an attempt had its effect before the restart, as an answer or the comparison after it has shown. */
function wasDone ({ request, state, id, answer }: Attempt, { histories }: Knowledge): boolean {
  if (answer !== undefined) return true
  if (id === undefined) return false
  return request.method === 'POST' || (histories.get(id)?.known.version ?? -1) >= state.version
}
