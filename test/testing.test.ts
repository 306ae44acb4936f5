import t from 'tap'
import { createMemoryStore } from '../app.js'
import { testStore, type RunningTest } from './testing.js'

t.test('a store that breaks the contract fails where it does, and the tests go on', async (t) => {
  const failed: string[] = []
  const runner = {
    async test (name: string, run: (t: RunningTest) => Promise<void>) {
      await run({ after: () => {} }).catch(() => failed.push(name))
    }
  }
  await testStore(runner, 'forgetful', (model, settings) => {
    const store = createMemoryStore(model, settings)
    return { ...store, create: (make) => store.create(make) }
  }, { numRuns: 1 })
  t.same(failed, [
    'forgetful: what is to happen once gives its receipt from then on',
    'forgetful: of writes with one key at the same time, one happens',
    'forgetful: a key is forgotten after its time'
  ])
})
