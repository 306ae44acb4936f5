import assert from 'node:assert/strict'
import test from 'node:test'
import programmingLanguages, { createMemoryStore } from 'programming-languages-api'
import { buildApp, call, testStore } from 'programming-languages-api/testing'

/** Here comes a store of your own. */
function createMyStore (model, settings) {
  return { ...createMemoryStore(model, settings) }
}

await testStore(test, 'my store', createMyStore, { numRuns: 20 })

test('my store serves the languages', async (t) => {
  const app = await buildApp(t, programmingLanguages, { store: createMyStore })
  const { status, body } = await call(app, 'POST /programming_languages', { body: { name: 'Ada', publication_year: 1980, contribution: 'packages' } })
  assert.deepEqual([status, body.id], [201, 8])
})
