import { createConnection, type Answer } from './connection.js'
import { must } from './disagreement.js'
import type { Attempt, Knowledge } from './knowledge.js'
import type { Random } from './random.js'
import { withId, type Resource } from './resource.js'

/** How many connections send again at the same time. */
const CONNECTIONS = 10

/** How often a client whose request was not answered never comes back. */
const GIVEN_UP = 0.25

/**
 * Sends again, with their keys, what was not answered before a restart, and what was as if its answer had been lost.
 * Each must be answered as if it had been sent but once. Says how many were sent.
 */
export async function retry (resource: Resource, address: string, knowledge: Knowledge, random: Random): Promise<number> {
  const attempts = knowledge.attempts.filter(({ answer }) => answer !== undefined || !random.chance(GIVEN_UP))
  await Promise.all(Array.from({ length: CONNECTIONS }, async (_, lane) => {
    const connection = createConnection(address)
    for (const attempt of attempts.filter((_, i) => i % CONNECTIONS === lane)) check(resource, attempt, await connection.send(attempt.request), knowledge)
    connection.close()
  }))
  return attempts.length
}

function check ({ nameOf, pathOf }: Resource, attempt: Attempt, again: Answer, knowledge: Knowledge): void {
  const { request, state, claim, answer: first } = attempt
  const what = () => `${request.method} ${request.path} with the key ${request.headers?.['idempotency-key']}`
  const done = wasDone(attempt, knowledge)
  if (again.status === 409 && claim !== undefined) {
    must(!done, () => `${what()} was done, and is refused when sent again: ${again.text}`)
    must(knowledge.mayBeTaken(claim, attempt), () => `nobody has what ${what()} says is taken: ${again.text}`)
    return checkRefusal(again, claim.properties)
  }
  const created = request.method === 'POST'
  must(again.status === (created ? 201 : 200), () => `${what()} is ${again.status} when sent again: ${again.text}`)
  const record = JSON.parse(again.text)
  const text = created ? withId(record.id, state.text) : state.text
  const replayed = again.headers['idempotency-replayed'] === 'true'
  must(again.text === text, () => `${what()} gives ${again.text} when sent again, not ${text}`)
  must(first === undefined || first.headers.etag === again.headers.etag, () => `${what()} has another ETag when sent again`)
  must(replayed === done, () => `${what()} was ${replayed ? 'never' : 'already'} done, and ${replayed ? 'replayed' : 'done again'}`)
  knowledge.checkTag(again.headers.etag, again.text)
  if (replayed) return
  if (attempt.path === undefined) knowledge.give(pathOf(record), nameOf(record), { version: 0, text })
  else knowledge.histories.get(attempt.path)?.learn({ ...state, text })
}

/** Whether an attempt had its effect before the restart, as an answer or the comparison after it has shown. */
function wasDone ({ state, path, answer }: Attempt, { histories }: Knowledge): boolean {
  if (answer !== undefined) return true
  return path !== undefined && (histories.get(path)?.known.version ?? -1) >= state.version
}

/** A create that would take what another has of these properties says so, and where the other is, if they are the key. */
export function checkRefusal ({ status, text, headers }: Answer, properties: readonly string[], path?: string): void {
  must(status === 409, () => `the answer is ${status}, not 409: ${text}`)
  const { type, errors = [] } = JSON.parse(text)
  const named = errors.map(({ pointer }: { pointer: string }) => pointer.slice(1)).join()
  must(type === 'urn:problem-type:duplicate' && named === properties.join() && headers.location === path, () => `${properties.join()} is taken, at ${path}, but the answer at ${headers.location} is ${text}`)
}
