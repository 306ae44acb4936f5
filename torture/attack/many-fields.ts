import { must } from '../disagreement.js'
import { LIST, makeFields, pathOf } from '../languages.js'
import type { Attack } from './attack.js'
import { beside } from './beside.js'
import { openWire, requestText, type RawAnswer, type RawFields } from './wire.js'

/** As many as Node.js reads of the fields of a request, by default. */
const READ = 1000

/** What decides of a request stands behind more fields than are read. */
export const manyFields: Attack = {
  name: `preconditions and keys behind ${READ} other fields`,
  run: beside(async ({ server }) => {
    for (const count of [READ - 2, READ - 1, READ, READ + 1, 2 * READ]) {
      const removal = await send('DELETE', pathOf(0), [...fillers(count), ['If-Match', '"stale"']])
      must([412, 431].includes(removal.status), () => `a DELETE with a stale If-Match behind ${count} fields is ${removal.status}`)
      const creations = await Promise.all([create(count), create(count)])
      const made = new Set(creations.filter(({ status }) => status === 201).map(({ text }) => text))
      must(made.size <= 1, () => `with one Idempotency-Key behind ${count} fields, two languages were made`)
      must(creations.every(({ status }) => [201, 409, 431].includes(status)), () => `a POST with ${count} fields is ${creations.map(({ status }) => status)}`)
    }
    return []

    function create (count: number): Promise<RawAnswer> {
      return send('POST', LIST, [...fillers(count), ['Idempotency-Key', `behind-${count}`]], JSON.stringify(makeFields('behind', count, 'many fields')))
    }

    async function send (method: string, target: string, fields: RawFields, content?: string): Promise<RawAnswer> {
      const wire = await openWire(server.address)
      wire.write(requestText(method, target, fields, content))
      const answer = await wire.read()
      wire.close()
      must(answer !== undefined, () => `there is no answer to a ${method} with ${fields.length} fields`)
      return answer
    }
  })
}

const fillers = (count: number): RawFields => Array.from({ length: count }, () => ['a', 'b'])
