// The tests of a store in TypeScript: the suite and the helpers of the package, with node:test.

import assert from 'node:assert/strict'
import test from 'node:test'
import programmingLanguages, { createMemoryStore } from 'programming-languages-api'
import { buildApp, call, testStore, type CreateStore } from 'programming-languages-api/testing'

const create: CreateStore = (model, settings) => createMemoryStore(model, settings)

await testStore(test, 'at the top', create, { numRuns: 10 })

test('as parts of a test', async (t) => {
  await testStore(t, 'within', create, { numRuns: 10 })
})

test('an app', async (t) => {
  const app = await buildApp(t, programmingLanguages, { prefix: '/api' })
  assert.equal((await call(app, 'GET /api/programming_languages/0')).body.name, 'COBOL')
})
