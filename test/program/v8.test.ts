import { createHook } from 'node:async_hooks'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext, runInThisContext } from 'node:vm'
import t from 'tap'
import { keepTicks } from '../../program/v8.js'

setFlagsFromString('--allow-natives-syntax')
setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')
const haveSameMap: (a: unknown, b: unknown) => boolean = runInThisContext('(a, b) => %HaveSameMap(a, b)')

function makeTick (): unknown {
  let made
  const hook = createHook({ init: (...[, , , tick]) => { made = tick } }).enable()
  process.nextTick(() => {})
  hook.disable()
  return made
}

t.test('the ticks of Node.js keep their hidden class over garbage collections', async (t) => {
  const [kept] = keepTicks()
  t.ok(haveSameMap(kept, makeTick()))
  for (let i = 0; i < 5; i++) collectGarbage()
  t.ok(haveSameMap(kept, makeTick()))
  t.notOk(haveSameMap(kept, {}), 'which other objects do not have')
})

t.test('one is enough', async (t) => {
  keepTicks()
  t.equal(keepTicks().length, 1)
})
