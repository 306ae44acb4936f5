import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { createHeldBytes } from '../../http/held-bytes.js'

t.test('where too much is held, those who have held it longest give it up, but none before a while', async (t) => {
  const { hold, release, hasRoom } = createHeldBytes({ most: 10, patience: 100 })
  const given: string[] = []
  const holder = (name: string) => ({ giveUp: () => { given.push(name) } })
  const [a, b, c] = [holder('a'), holder('b'), holder('c')]
  hold(a, 6)
  hold(b, 4)
  t.ok(hasRoom())
  hold(a, 8)
  t.notOk(hasRoom())
  await sleep(120)
  hold(c, 1)
  t.ok(hasRoom())
  t.same(given, ['a'])
  hold(c, 9)
  t.ok(hasRoom())
  t.same(given, ['a', 'b'])
  hold(c, 11)
  t.notOk(hasRoom())
  release(c)
  release(c)
  t.ok(hasRoom())
})

t.test('half as much again is not held even for a moment', (t) => {
  const { hold, hasRoom } = createHeldBytes({ most: 10, patience: 10_000 })
  const given: string[] = []
  const holder = (name: string) => ({ giveUp: () => { given.push(name) } })
  hold(holder('a'), 8)
  hold(holder('b'), 7)
  t.same(given, [])
  hold(holder('c'), 1)
  t.same(given, ['a'])
  t.ok(hasRoom())
  t.end()
})
