import t from 'tap'
import { createSortedIndex, type Position, type SortedIndex } from '../../stores/sorted-index.js'
import type { Entry } from '../../stores/store.js'

const entry = (id: number, year: number): Entry => ({ item: { id, year }, body: '', etag: '' })

/** A sequence of numbers that looks random and is always the same. */
function * noise (length: number, bound: number): Generator<number> {
  for (let i = 0, state = 1; i < length; i++) {
    state = (state * 48271) % 2147483647
    yield state % bound
  }
}

t.test('many entries stay in order, over many blocks', async (t) => {
  const index = createSortedIndex('year')
  const entries = [...noise(20_000, 3000)].map((year, id) => entry(id, year))
  for (const one of entries) index.insert(one)
  const kept = entries.filter(({ item: { id } }) => {
    if (id % 3 !== 0) return true
    index.remove(entry(id, Number(entries[id]?.item.year)))
    return false
  })
  const changed = kept.map((old) => {
    const now = old.item.id % 2 === 0 ? entry(old.item.id, 3000 - Number(old.item.year)) : entry(old.item.id, Number(old.item.year))
    index.replace(old, now)
    return now
  })
  const expected = changed.sort((a, b) => Number(a.item.year) - Number(b.item.year) || a.item.id - b.item.id)

  const forward: Entry[] = []
  for (let at = 0; at < index.end(); at = index.next(at)) forward.push(index.at(at) ?? entry(-1, -1))
  t.strictSame(forward, expected)
  const backward: Entry[] = []
  for (let at = index.previous(index.end()); at >= 0; at = index.previous(at)) backward.push(index.at(at) ?? entry(-1, -1))
  t.strictSame(backward.reverse(), expected)

  for (const year of noise(200, 3100)) {
    const before = expected.filter(({ item }) => Number(item.year) < year).length
    const upTo = expected.filter(({ item }) => Number(item.year) <= year).length
    t.equal(count(index, 0, index.seek(year, -Infinity)), before)
    t.equal(count(index, index.seek(year, -Infinity), index.seek(year, Infinity)), upTo - before)
    t.equal(index.at(index.seek(year, -Infinity)), expected[before])
  }
  t.equal(count(index, index.end(), 0), 0)
})

t.test('an index that is made of entries is the same as one that they were put in one after the other', async (t) => {
  const entries = [...noise(5000, 700)].map((year, id) => entry(id, year))
  const filled = createSortedIndex('year')
  for (const one of entries) filled.insert(one)
  const made = createSortedIndex('year', entries)
  t.strictSame(between(made, 0, made.end()), between(filled, 0, filled.end()))
  made.insert(entry(5000, 350))
  filled.insert(entry(5000, 350))
  t.strictSame(between(made, 0, made.end()), between(filled, 0, filled.end()))
})

t.test('an estimate is about right', async (t) => {
  const index = createSortedIndex('year')
  const years = [...noise(20_000, 3000)]
  for (const [id, year] of years.entries()) index.insert(entry(id, year))
  for (const year of noise(50, 3000)) {
    const from = index.seek(year, -Infinity)
    const number = years.filter((one) => one >= year).length
    const estimate = index.estimate(from, index.end())
    t.ok(estimate >= number && estimate <= 2.2 * number + 300, `${estimate} for ${number}`)
  }
  t.equal(index.estimate(index.end(), 0), 0)
})

t.test('an index can be emptied and filled again', async (t) => {
  const index = createSortedIndex('year')
  const entries = Array.from({ length: 2000 }, (_, id) => entry(id, id))
  for (const one of entries) index.insert(one)
  for (const one of entries) index.remove(one)
  t.equal(count(index, 0, index.end()), 0)
  t.equal(index.at(0), undefined)
  index.insert(entry(5, 5))
  t.same(index.at(index.seek(5, 5)), entry(5, 5))
})

function between (index: SortedIndex, from: Position, to: Position): Entry[] {
  return [...index.chunks(from, to)].flat()
}

function count (index: SortedIndex, from: Position, to: Position): number {
  return between(index, from, to).length
}
