import t from 'tap'
import { createTurns } from '../../../stores/postgres/turns.js'
import { StoreUnavailable } from '../../../stores/store.js'

t.test('so many at once, and the others in their order', async (t) => {
  const inTurn = createTurns(2, 10_000)
  const ends: (() => void)[] = []
  const begun: number[] = []
  const works = [0, 1, 2, 3].map((i) => inTurn('a', () => {
    begun.push(i)
    return new Promise<void>((resolve) => { ends.push(resolve) })
  }))
  t.same(begun, [0, 1])
  t.equal(await inTurn('b', async () => 'another thing'), 'another thing')
  ends[1]?.()
  await works[1]
  t.same(begun, [0, 1, 2])
  ends[0]?.()
  await works[0]
  ends[2]?.()
  ends[3]?.()
  await Promise.all(works)
  t.same(begun, [0, 1, 2, 3])
})

t.test('one that fails gives its turn on, and one that waits too long gives up', async (t) => {
  const inTurn = createTurns(1, 20)
  let fail: (error: Error) => void = () => {}
  const first = inTurn('a', () => new Promise<void>((_resolve, reject) => { fail = reject }))
  await t.rejects(inTurn('a', async () => {}), StoreUnavailable)
  const third = inTurn('a', async () => 'third')
  fail(new Error('no'))
  await t.rejects(first, { message: 'no' })
  t.equal(await third, 'third')
  t.equal(await inTurn('a', async () => 'fourth'), 'fourth')
})

t.test('one for which too many wait already gives up at once', async (t) => {
  const inTurn = createTurns(1, 10_000, 1)
  let end = () => {}
  const first = inTurn('a', () => new Promise<void>((resolve) => { end = resolve }))
  const second = inTurn('a', async () => 'second')
  await t.rejects(inTurn('a', async () => 'third'), StoreUnavailable)
  end()
  await first
  t.equal(await second, 'second')
})
