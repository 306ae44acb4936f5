import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import t from 'tap'
import { model } from '../../../app.js'
import { createMemoryStore } from '../../../stores/memory.js'
import { createReceipts } from '../../../stores/memory/receipts.js'
import { LANGUAGE } from '../../build.js'

const entry = model.represent({ id: 0, ...LANGUAGE })
const once = (key: string) => ({ key, fingerprint: 'x' })

t.test('the oldest key is forgotten where there are too many', async (t) => {
  const receipts = createReceipts(60, { mostKeys: 2 })
  for (const key of ['a', 'b', 'c']) receipts.keep(once(key), entry)
  t.equal(receipts.find(once('a')), undefined)
  t.same(receipts.find(once('b')), { ...entry, fingerprint: 'x' })
  t.same(receipts.find(once('c')), { ...entry, fingerprint: 'x' })
})

t.test('and where they take too many bytes, also by one that is larger than all', async (t) => {
  const receipts = createReceipts(60, { mostBytes: 4 * 2000 })
  const long = { ...entry, body: 'x'.repeat(700) }
  for (const key of ['a', 'b', 'c']) receipts.keep(once(key), long)
  t.equal(receipts.find(once('a')), undefined)
  t.ok(receipts.find(once('b')))
  receipts.keep(once('d'), { ...entry, body: 'x'.repeat(2000) })
  for (const key of ['b', 'c', 'd']) t.equal(receipts.find(once(key)), undefined)
  receipts.keep(once('e'), long)
  t.ok(receipts.find(once('e')), 'what was forgotten takes no bytes')
})

t.test('creates with a key do not fill the memory, though each is deleted again', async (t) => {
  const store = createMemoryStore(model)
  const before = usedHeap()
  for (let i = 0; i < 20_000; i++) {
    const { id } = await store.create({ ...LANGUAGE, contribution: `${i}`.padEnd(2000, '\u0100') }, once(`key ${i}`))
    await store.delete(id, () => {})
  }
  // Without a bound, they took 165 MB.
  t.ok(usedHeap() - before < 80_000_000)
  t.equal((await store.create(LANGUAGE, once('key 19999'))).item.id, 19_999, 'the newest are remembered')
})

/** The bytes of the heap that are in use, without garbage. */
function usedHeap (): number {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
  return process.memoryUsage().heapUsed
}
