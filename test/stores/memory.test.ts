import t from 'tap'
import { model } from '../../app.js'
import { createMemoryStore } from '../../stores/memory.js'
import { LANGUAGE } from '../build.js'
import { testStore } from '../testing.js'

await testStore(t, 'memory', createMemoryStore)

t.test('matches that all come late are found, in order, page after page', async (t) => {
  const store = createMemoryStore(model)
  for (let i = 0; i < 1000; i++) store.create({ ...LANGUAGE, publication_year: i < 700 ? 1 : 2 + i % 3 })
  const query = { where: [{ property: 'publication_year', operator: 'gt' as const, value: 1 }], order: [], limit: 50 }
  const first = await store.list(query)
  t.same(first.entries.map(({ item }) => item.id), Array.from({ length: 50 }, (_, i) => 700 + i))
  t.equal(first.more, true)
  const second = await store.list({ ...query, after: { id: 749 } })
  t.same(second.entries.map(({ item }) => item.id), Array.from({ length: 50 }, (_, i) => 750 + i))
})
