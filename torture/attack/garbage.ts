import { must } from '../disagreement.js'
import { LIST, makeFields, pathOf } from '../languages.js'
import type { Attack } from './attack.js'
import { beside } from './beside.js'
import { openWire, requestText } from './wire.js'

const RUNS = 30

/** What is no request comes right behind one that is. */
export const garbage: Attack = {
  name: 'garbage right behind a request',
  run: beside(async ({ server }) => {
    for (let run = 0; run < RUNS; run++) {
      for (const [what, request, status] of requests(run)) {
        for (const behind of BEHIND) {
          const wire = await openWire(server.address)
          wire.write(request + behind)
          const [first, second, third] = [await wire.read(), await wire.read(), await wire.read()]
          wire.close()
          must(first?.status === status, () => `a ${what} with garbage behind it is ${first?.status ?? 'not answered'}, not ${status}`)
          must([400, 431, 501].includes(second?.status ?? 0), () => `garbage behind a ${what} is ${second?.status ?? 'not answered'}`)
          must(third === undefined && wire.isClosed(), () => `after garbage behind a ${what}, the connection goes on`)
        }
      }
    }
    return []
  })
}

const BEHIND = ['BAD\r\n\r\n', 'GET /health\r\n\r\n', '\0\0\0\0\r\n\r\n', 'GET /health HTTP/1.1\r\nHost x\r\n\r\n', `GET /health HTTP/1.1\r\nHost: x\r\nA: ${'a'.repeat(40_000)}\r\n\r\n`]

const requests = (run: number): readonly [string, string, number][] => [
  ['POST', requestText('POST', LIST, [], JSON.stringify(makeFields(`garbage ${run}`, 0, 'garbage'))), 201],
  ['GET', requestText('GET', pathOf(0)), 200],
  ['list', requestText('GET', `${LIST}?limit=1000`), 200],
  ['PUT of nothing', requestText('PUT', pathOf(999_999_999), [], JSON.stringify(makeFields('x', 0, 'garbage'))), 404]
]
