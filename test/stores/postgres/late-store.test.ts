import t from 'tap'
import { createMemoryStore } from '../../../stores/memory.js'
import { StoreUnavailable } from '../../../stores/store.js'
import { model } from '../../../app.js'
import { LANGUAGE } from '../../build.js'
import { openLater } from '../../../stores/postgres/late-store.js'
import type { Store } from '../../../stores/store.js'

const down = new StoreUnavailable('not up yet')

/** A store that is opened by what comes next of these; tells when it was, or was given up. */
function later (outcomes: (Error | Store)[], seconds = 60) {
  const said: string[] = []
  const say = (line: string) => { said.push(line) }
  let end: (how: unknown) => void = () => {}
  const ended = new Promise((resolve) => { end = resolve })
  const open = async () => {
    const [next = down] = outcomes.splice(0, 1)
    if (next instanceof Error) throw next
    return [next]
  }
  const info = (line: string) => {
    say(line)
    end('open')
  }
  const [store = createMemoryStore(model)] = openLater(open, 1, { seconds, reason: down, log: { warn: say, info }, onGivenUp: end })
  return { store, said, ended }
}

const callsOf = (store: Store): (() => unknown)[] => [
  () => store.get(0),
  () => store.list({ where: [], order: [], limit: 1 }),
  () => store.create(LANGUAGE),
  () => store.count([]),
  () => store.update(0, () => LANGUAGE),
  () => store.put(0, () => LANGUAGE),
  () => store.delete(0, () => {}),
  () => store.ping()
]

t.test('until it is open, everything fails with the reason; then it is as any other', async (t) => {
  const { store, said, ended } = later([new StoreUnavailable('still not'), createMemoryStore(model)])
  await store.seed([LANGUAGE, LANGUAGE])
  for (const call of callsOf(store)) t.throws(call, { name: 'StoreUnavailable', message: 'not up yet' })
  t.equal(await ended, 'open')
  t.same(said, ['waiting for the store: not up yet', 'the store is up'])
  t.match(await store.get(1), { item: LANGUAGE })
  await store.seed([LANGUAGE])
  for (const call of callsOf(store)) await call()
  t.equal((await store.list({ where: [], order: [], limit: 10 })).entries.length, 2)
  await store.close()
})

t.test('it is given up at the end of its time, or where waiting is of no use', async (t) => {
  t.equal(await later([], 0).ended, down)
  const refusal = new Error('no such database')
  const { store, ended } = later([refusal])
  t.equal(await ended, refusal)
  t.throws(() => store.ping(), { name: 'StoreUnavailable', message: 'no such database' })
  await store.close()
})

t.test('one whose starting records cannot be made is closed, and opened again', async (t) => {
  const calls: string[] = []
  const failing: Store = {
    ...createMemoryStore(model),
    seed () {
      calls.push('seed')
      throw down
    },
    close () { calls.push('close') }
  }
  const { store, ended } = later([failing, createMemoryStore(model)])
  t.equal(await ended, 'open')
  t.same(calls, ['seed', 'close'])
  await store.close()
})

t.test('closed before, it stops trying', async (t) => {
  const { store, said } = later([])
  await store.close()
  t.same(said, ['waiting for the store: not up yet'])
})

t.test('of several, each has its own starting records, and all are closed when the last is', async (t) => {
  const closed: string[] = []
  const inMemory = (name: string): Store => ({ ...createMemoryStore(model), close () { closed.push(name) } })
  let up: () => void = () => {}
  const isUp = new Promise<void>((resolve) => { up = resolve })
  const [first, second] = openLater(async () => [inMemory('a'), inMemory('b')], 2, { seconds: 60, reason: down, log: { warn () {}, info: up }, onGivenUp () {} })
  await second?.seed([LANGUAGE])
  await isUp
  t.equal(await first?.count([]), 0)
  t.equal(await second?.count([]), 1)
  await first?.close()
  await first?.close()
  t.same(closed, [])
  await second?.close()
  t.same(closed, ['a', 'b'])
})
