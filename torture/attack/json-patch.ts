import { must } from '../disagreement.js'
import { pathOf } from '../languages.js'
import type { Attack } from './attack.js'
import { beside } from './beside.js'
import { openWire, requestText, type RawFields } from './wire.js'

/** A small text that makes a large document. */
export const growingPatches: Attack = {
  name: 'JSON Patches that make much of little',
  run: beside(async ({ server }) => {
    const stale: RawFields = [['If-Match', '"stale"']]
    for (const [what, patch] of PATCHES) {
      const content = JSON.stringify(patch)
      await send(what, content, [], [400, 409])
      await send(`${what}, with a precondition that fails`, content, stale, [400, 412])
    }
    return [`${PATCHES.length} patches refused`]

    async function send (what: string, content: string, fields: RawFields, expected: readonly number[]): Promise<void> {
      const wire = await openWire(server.address)
      wire.write(requestText('PATCH', pathOf(0), [['Content-Type', 'application/json-patch+json'], ...fields], content))
      const answer = await wire.read()
      wire.close()
      must(expected.includes(answer?.status ?? 0), () => `${what}: the answer is ${answer?.status ?? 'none'}, not ${expected.join(' or ')}`)
    }
  }, { block: 100 })
}

interface Operation {
  readonly op: string
  readonly path: string
  readonly from?: string
  readonly value?: unknown
}

const add = (path: string, value: unknown): Operation => ({ op: 'add', path, value })
const copy = (from: string, path: string): Operation => ({ op: 'copy', from, path })
const times = (count: number, make: (i: number) => Operation): Operation[] => Array.from({ length: count }, (_, i) => make(i))

const LONG = 'x'.repeat(900_000)
const NUMBERS = Array.from({ length: 9000 }, (_, i) => i)
const NESTED = (levels: number): unknown => levels === 0 ? [] : [NESTED(levels - 1)]

const PATCHES: readonly [string, readonly Operation[]][] = [
  ['a long text that is copied, and its list too', [add('/l', [LONG]), ...times(96, () => copy('/l/0', '/l/-')), ...times(98, (i) => copy('/l', `/m${i}`))]],
  ['a long text in a name of a member that is copied', [add('/o', { [LONG]: 1 }), ...times(500, (i) => copy('/o', `/m${i}`))]],
  ['a long text that is copied to the front', [add('/l', [LONG]), ...times(900, () => copy('/l/0', '/l/0'))]],
  ['a list that is copied into itself', [add('/l', [1]), ...times(900, () => copy('/l', '/l/-'))]],
  ['a list that is copied beside itself', [add('/l', NUMBERS), ...times(900, (i) => copy('/l', `/m${i}`))]],
  ['a document that is copied into itself', times(900, (i) => copy('', `/m${i}`))],
  ['what nests deep, deeper', [add('/n', NESTED(40)), ...times(900, () => copy('/n', `/n${'/0'.repeat(40)}/-`))]],
  ['long lists that are compared', [add('/l', NUMBERS), ...times(900, () => ({ op: 'test', path: '/l', value: NUMBERS.slice(0, 20) }))]],
  ['a long text that is compared', [add('/t', LONG), add('/u', 1), ...times(900, () => ({ op: 'test', path: '/t', value: 'x' }))]],
  ['a long list that is pushed on from the front', [add('/l', NUMBERS), ...times(900, () => add('/l/0', 0))]],
  ['a long list that is moved to and fro', [add('/l', NUMBERS), ...times(900, (i) => ({ op: 'move', from: i % 2 === 0 ? '/l' : '/m', path: i % 2 === 0 ? '/m' : '/l' }))]],
  ['long pointers', times(30, () => copy(`/${'a/'.repeat(10_000)}`, '/name'))]
]
