import fc from 'fast-check'
import t from 'tap'
import type { Place } from '../../../stores/conditions.js'
import { createSortedIndex } from '../../../stores/memory/sorted-index.js'
import type { Entry } from '../../../stores/store.js'

const entry = (id: number, year: number): Entry => ({ id, item: { id, year }, body: '', etag: '' })

/** A sequence of numbers that looks random and is always the same. */
function * noise (length: number, bound: number): Generator<number> {
  for (let i = 0, state = 1; i < length; i++) {
    state = (state * 48271) % 2147483647
    yield state % bound
  }
}

const ALL = 100_000

t.test('many entries stay in order, over many blocks', async (t) => {
  const index = createSortedIndex('year')
  const entries = [...noise(20_000, 3000)].map((year, id) => entry(id, year))
  for (const one of entries) index.insert(one)
  const kept = entries.filter(({ id }) => {
    if (Number(id) % 3 !== 0) return true
    index.remove(entry(Number(id), Number(entries[Number(id)]?.item.year)))
    return false
  })
  const changed = kept.map((old) => {
    const now = entry(Number(old.id), Number(old.id) % 2 === 0 ? 3000 - Number(old.item.year) : Number(old.item.year))
    index.replace(old, now)
    return now
  })
  const expected = changed.sort((a, b) => Number(a.item.year) - Number(b.item.year) || Number(a.id) - Number(b.id))
  t.strictSame(index.read({}, ALL, false), expected)
  t.strictSame(index.read({}, ALL, true), expected.toReversed())

  const place = fc.option(fc.record({ value: fc.nat(3100), id: fc.oneof(fc.nat(20_000), fc.constantFrom(Infinity, -Infinity)) }), { nil: undefined })
  fc.assert(fc.property(place, place, fc.integer({ min: 1, max: 1000 }), fc.boolean(), (from, to, most, descending) => {
    const within = expected.filter(({ item }) => (from === undefined || compare(item, from) > 0) && (to === undefined || compare(item, to) < 0))
    const found = index.read({ from, to }, most, descending)
    t.strictSame(found, (descending ? within.reverse() : within).slice(0, most))
  }))
})

t.test('an index can be emptied and filled again', async (t) => {
  const index = createSortedIndex('year')
  const entries = Array.from({ length: 2000 }, (_, id) => entry(id, id))
  for (const one of entries) index.insert(one)
  for (const one of entries) index.remove(one)
  t.same(index.read({}, ALL, false), [])
  t.same(index.read({}, ALL, true), [])
  index.insert(entry(5, 5))
  t.same(index.read({}, ALL, true), [entry(5, 5)])
})

/** Below, at or above zero, as a record comes before, at or after a place. */
function compare ({ id, year }: Entry['item'], place: Place): number {
  return Number(year) - Number(place.value) || (Number(id) < Number(place.id) ? -1 : Number(id) > Number(place.id) ? 1 : 0)
}
