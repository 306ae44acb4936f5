import t from 'tap'
import { model } from '../../../app.js'
import { createRecent } from '../../../stores/lmdb/recent.js'
import type { Id } from '../../../stores/store.js'
import { LANGUAGE } from '../../build.js'

/** A source in which every id has a record, and what was asked of it. */
function createSource () {
  const asked = { refresh: 0, state: 0, ids: new Array<Id>() }
  const now = { revision: 0 }
  return {
    asked,
    now,
    refresh: () => { asked.refresh++ },
    state: () => { asked.state++; return { ...now } },
    find: (id: Id) => { asked.ids.push(id); return model.represent({ id, ...LANGUAGE }) }
  }
}

const endOfTurn = () => new Promise((resolve) => setImmediate(resolve))

t.test('a turn asks once what was written, and nothing is fetched again until something was', async (t) => {
  const source = createSource()
  const recent = createRecent(source)
  for (const id of [1, 2, 1, 1]) t.equal(recent.find(id)?.id, id)
  t.same(source.asked, { refresh: 1, state: 1, ids: [1, 2] })
  await endOfTurn()
  recent.find(1)
  t.same(source.asked, { refresh: 2, state: 2, ids: [1, 2] })
  source.now.revision++
  recent.find(1)
  t.same(source.asked.ids, [1, 2], 'not in the same turn')
  await endOfTurn()
  recent.find(1)
  t.same(source.asked.ids, [1, 2, 1])
  source.now.revision++
  recent.forget()
  recent.find(1)
  t.same(source.asked.ids, [1, 2, 1, 1], 'but where it is to ask again')
})

t.test('it keeps no more than so many characters', async (t) => {
  const source = createSource()
  const recent = createRecent({ ...source, find: (id) => Object.assign(source.find(id), { body: 'x'.repeat(5 * 1024 * 1024) }) })
  for (const id of [0, 0, 1, 1, 2, 1]) recent.find(id)
  t.same(source.asked.ids, [0, 1, 2, 1])
})

t.test('it keeps no more than so many', async (t) => {
  const source = createSource()
  const recent = createRecent(source)
  for (let id = 0; id < 20_000; id++) recent.find(id)
  recent.find(19_999)
  t.equal(source.asked.ids.length, 20_000)
  recent.find(0)
  t.equal(source.asked.ids.length, 20_001)
})
