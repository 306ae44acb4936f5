import { must } from '../disagreement.js'
import { LIST, pathOf } from '../languages.js'
import type { Attack } from './attack.js'
import { beside } from './beside.js'
import { openWire, requestText } from './wire.js'

/** A browser is led to take an answer for what it is not. */
export const nosniff: Attack = {
  name: 'answers that a browser might take for something else',
  run: beside(async ({ server }) => {
    for (const [request, status] of REQUESTS) {
      const wire = await openWire(server.address)
      wire.write(request)
      const answer = await wire.read()
      wire.close()
      must(answer?.status === status, () => `${request.slice(0, 40)} is ${answer?.status ?? 'not answered'}, not ${status}`)
      must(answer.headers['x-content-type-options'] === 'nosniff', () => `the ${status} to ${request.slice(0, 40)} has no X-Content-Type-Options: nosniff`)
    }
    return []
  })
}

const REQUESTS: readonly [string, number][] = [
  [requestText('GET', '/health'), 200],
  [requestText('GET', LIST), 200],
  [requestText('GET', pathOf(0)), 200],
  [requestText('GET', pathOf(999_999_999)), 404],
  [requestText('GET', '/nowhere'), 404],
  [requestText('GET', '/%'), 400],
  [requestText('PUT', LIST, [], '{}'), 405],
  [requestText('POST', LIST, [], '{'), 400],
  [requestText('POST', LIST, [['Content-Type', 'text/html']], '<script>'), 415],
  ['BAD\r\n\r\n', 400],
  [requestText('FOO', LIST), 501]
]
