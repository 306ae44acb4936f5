import t from 'tap'
import { newFolder } from '../lmdb.js'
import { openDatabases } from '../postgres.js'
import { testRandomResources } from '../random-resource.js'

t.test('many more random resources than `npm test` tries', async (t) => {
  const { fresh } = await openDatabases(t)
  await testRandomResources(t, [() => 'memory:', () => `lmdb:${newFolder()}`, () => fresh({ max: '3' })], { numRuns: Number(process.env.NUM_RUNS ?? 60), seed: Number(process.env.SEED ?? 2) })
})
