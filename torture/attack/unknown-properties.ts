import { must } from '../disagreement.js'
import { LIST, pathOf } from '../languages.js'
import type { Attack } from './attack.js'
import { beside } from './beside.js'
import { openWire, requestText } from './wire.js'

/** The most bytes of an answer that says what is wrong. */
const MOST_BYTES = 64 * 1024

/** A body of 1 MiB breaks a rule every nine bytes. */
export const unknownProperties: Attack = {
  name: 'bodies that break a hundred thousand rules',
  run: beside(async ({ server }) => {
    let longest = 0
    for (const [method, target, type, content] of REQUESTS) {
      const wire = await openWire(server.address)
      wire.write(requestText(method, target, type === '' ? [] : [['Content-Type', type]], content))
      const answer = await wire.read()
      wire.close()
      must(answer?.status === 400, () => `${method} ${target.slice(0, 40)} is ${answer?.status ?? 'not answered'}`)
      longest = Math.max(longest, answer.text.length)
      must(longest <= MOST_BYTES, () => `the answer to ${method} ${target.slice(0, 40)} has ${longest} bytes`)
    }
    return [`no answer longer than ${longest} bytes`]
  }, { block: 100 })
}

const JSON_TYPE = 'application/json'
const MERGE_PATCH = 'application/merge-patch+json'
const JSON_PATCH = 'application/json-patch+json'

const unknown = `{${Array.from({ length: 110_000 }, (_, i) => `"${i.toString(36)}":1`).join()}}`
const badOperations = (count: number) => `[${Array.from({ length: count }, () => '{"o":1,"p":2,"v":3}').join()}]`
const unknownParameters = Array.from({ length: 3000 }, (_, i) => `${i.toString(36)}=1`).join('&')

const REQUESTS: readonly [method: string, target: string, type: string, content?: string][] = [
  ['POST', LIST, JSON_TYPE, unknown],
  ['PUT', pathOf(0), JSON_TYPE, unknown],
  ['PATCH', pathOf(0), JSON_TYPE, unknown],
  ['PATCH', pathOf(0), MERGE_PATCH, unknown],
  ['PATCH', pathOf(0), JSON_PATCH, badOperations(1000)],
  ['PATCH', pathOf(0), JSON_PATCH, badOperations(50_000)],
  ['PATCH', pathOf(0), JSON_PATCH, `[${unknown}]`],
  ['GET', `${LIST}?${unknownParameters}`, ''],
  ['GET', `${LIST}?${'sort=x&'.repeat(3000)}`, ''],
  ['GET', `${LIST}?sort=${'x,'.repeat(10_000)}`, '']
]
