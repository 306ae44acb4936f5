import t from 'tap'
import { inSlices } from '../../stores/time-slices.js'

/** Work that keeps the processor busy for some milliseconds, and says when it has done a part of it. */
function * busy (milliseconds: number, result: string, did: (result: string) => void = () => {}): Generator<void, string> {
  const end = performance.now() + milliseconds
  while (performance.now() < end) {
    for (const part = performance.now() + 0.2; performance.now() < part;);
    did(result)
    yield
  }
  if (result === 'failure') throw new Error(result)
  return result
}

t.test('short work is done at once', async (t) => {
  t.equal(inSlices(busy(0, 'short')), 'short')
  t.throws(() => inSlices(busy(0, 'failure')), { message: 'failure' })
})

t.test('long work lets others come in, and its errors are those of its promise', async (t) => {
  const work = Promise.all([
    t.resolveMatch(Promise.resolve(inSlices(busy(60, 'long'))), 'long'),
    t.rejects(Promise.resolve(inSlices(busy(30, 'failure'))), { message: 'failure' })
  ])
  let turns = 0
  const counting = setInterval(() => { turns++ }, 1)
  await work
  clearInterval(counting)
  t.ok(turns > 0)
})

t.test('what has just come is done before what has had its slices', async (t) => {
  const ended: string[] = []
  const run = async (milliseconds: number, name: string) => { ended.push(await inSlices(busy(milliseconds, name))) }
  await Promise.all([run(80, 'first'), run(1, 'second'), run(40, 'third')])
  t.same(ended, ['second', 'third', 'first'])
})
