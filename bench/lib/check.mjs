import { isDeepStrictEqual } from 'node:util'
import { Slow } from './slow.mjs'

/** Makes the check that every server gives the same answers to an operation as the one that was asked first. */
export function createCheck () {
  const firsts = new Map()

  return function check (operation, server, requests, answers) {
    const facts = answers.map(toFacts)
    const first = firsts.get(operation.name)
    if (first === undefined) {
      const failed = answers.find(({ status }) => status >= 400)
      if (failed !== undefined) throw new Error(`${server.title} answers "${operation.title}" with ${failed.status}: ${failed.text}`)
      firsts.set(operation.name, { title: server.title, facts })
      return
    }
    const i = facts.findIndex((fact, i) => !isDeepStrictEqual(fact, first.facts[i]))
    if (i === -1) return
    throw new Error([
      `${requests[i].method} ${requests[i].path} has different answers`,
      `  ${first.title}: ${shorten(first.facts[i])}`,
      `  ${server.title}: ${shorten(facts[i])}`
    ].join('\n'))
  }
}

function toFacts ({ status, headers, text }) {
  const { location, 'content-type': type } = headers
  return { status, location, type: type?.split(';')[0], body: text === '' ? null : JSON.parse(text) }
}

const shorten = (facts) => JSON.stringify(facts).slice(0, 300)

/**
 * Throws where not every answer to a load was good, or the answers were not as large as those that were checked. On each
 * connection, a part of one more answer may have come.
 */
export function checkLoad ({ requests, bytes, errors: { timeout, ...errors } }, answers, connections) {
  if (timeout > 0) throw new Slow()
  const bad = Object.entries(errors).filter(([, count]) => count > 0)
  if (bad.length > 0) throw new Error(`the load failed: ${bad.map(([kind, count]) => `${count} × ${kind}`).join(', ')}`)
  const expected = answers.reduce((sum, answer) => sum + answer.bytes, 0) / answers.length
  // An id may grow by some digits in the body and in the location.
  const tolerance = 24 + expected * 0.1
  if (bytes < requests * (expected - tolerance) || bytes > (requests + connections) * (expected + tolerance)) {
    throw new Error(`an answer has ${Math.round(bytes / requests)} bytes under load, and had ${Math.round(expected)} before`)
  }
}
