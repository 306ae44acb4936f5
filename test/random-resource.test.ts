import t from 'tap'
import { newFolder } from './lmdb.js'
import { openDatabases } from './postgres.js'
import { testRandomResources } from './random-resource.js'

t.test('any resource is an API that does what a plain model of it does, the same on every store', async (t) => {
  const { fresh } = await openDatabases(t)
  await testRandomResources(t, [() => 'memory:', () => `lmdb:${newFolder()}`, () => fresh({ max: '3' })], { numRuns: 12, seed: 1 })
})
