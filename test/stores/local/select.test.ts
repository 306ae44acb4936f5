import t from 'tap'
import { select } from '../../../stores/local/select.js'
import { createSortedIndex } from '../../../stores/memory/sorted-index.js'
import { idReader } from '../../../stores/ids.js'
import type { Entry, Query, Slice } from '../../../stores/store.js'

const entry = (id: number, year: number): Entry => ({ id, item: { id, year, shown: id === 0 || year > 900 ? 'yes' : 'no' }, body: '', etag: '' })

const QUERY: Query = { where: [{ property: 'shown', operator: 'gt', value: 'no' }], order: [{ property: 'year', descending: false }], limit: 60 }

t.test('a record that moves ahead of a search between two of its steps is found once', async (t) => {
  const index = createSortedIndex('year')
  for (let id = 0; id < 1000; id++) index.insert(entry(id, id))
  // Its own condition is no help: every entry passes as far as its index can tell.
  const shown = { ...index, property: 'shown', longest: 0, keyOf: () => 0 }
  const work = select({
    of: (property) => property === 'year' ? index : shown,
    byId: { property: 'id', descending: false },
    ties: [{ property: 'id', descending: false }],
    idOf: idReader(['id'])
  }, QUERY)
  t.equal(work.next().done, false)
  t.equal(work.next().done, false)
  index.replace(entry(0, 0), entry(0, 950))
  const { entries, more } = finish(work)
  t.same(entries.map(({ item }) => item.id), [0, ...Array.from({ length: 49 }, (_, i) => 901 + i), ...Array.from({ length: 9 }, (_, i) => 950 + i)])
  t.equal(more, true)
})

function finish (work: Generator<void, Slice>): Slice {
  for (;;) {
    const { done, value } = work.next()
    if (done) return value
  }
}
