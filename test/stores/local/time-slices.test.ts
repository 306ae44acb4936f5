import t from 'tap'
import { inSlices } from '../../../stores/local/time-slices.js'

/** Work in so many steps, each of which takes longer than a slice. */
function * busy (steps: number, result: string): Generator<void, string> {
  for (let step = 0; step < steps; step++) {
    for (const end = performance.now() + 3; performance.now() < end;);
    yield
  }
  if (result === 'failure') throw new Error(result)
  return result
}

t.test('short work is done at once', async (t) => {
  t.equal(inSlices(() => busy(0, 'short')), 'short')
  t.throws(() => inSlices(() => busy(0, 'failure')), { message: 'failure' })
})

t.test('long work lets others come in, and its errors are those of its promise', async (t) => {
  const work = Promise.all([
    t.resolveMatch(Promise.resolve(inSlices(() => busy(20, 'long'))), 'long'),
    t.rejects(Promise.resolve(inSlices(() => busy(10, 'failure'))), { message: 'failure' })
  ])
  let turns = 0
  const counting = setInterval(() => { turns++ }, 1)
  await work
  clearInterval(counting)
  t.ok(turns > 0)
})

t.test('what has just come is done before what has had its slices', async (t) => {
  const ended: string[] = []
  const run = async (steps: number, name: string) => { ended.push(await inSlices(() => busy(steps, name))) }
  await Promise.all([run(9, 'first'), run(1, 'second'), run(5, 'third')])
  t.same(ended, ['second', 'third', 'first'])
})

t.test('of many long works a few are begun at a time, and all come to their end', async (t) => {
  let [unfinished, most] = [0, 0]
  function * work (): Generator<void, void> {
    const steps = busy(2, 'done')
    steps.next()
    yield
    most = Math.max(most, ++unfinished)
    yield * steps
    unfinished--
  }
  await Promise.all(Array.from({ length: 50 }, () => inSlices(work)))
  t.equal(unfinished, 0)
  t.ok(most <= 16, `${most} were begun`)
})
