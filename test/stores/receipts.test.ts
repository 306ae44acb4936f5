import t from 'tap'
import { model } from '../../app.js'
import { createReceipts } from '../../stores/receipts.js'
import { LANGUAGE } from '../build.js'

const entry = model.represent({ id: 0, ...LANGUAGE })
const once = (key: string) => ({ key, fingerprint: 'x' })

t.test('the oldest key is forgotten where there are too many', async (t) => {
  const receipts = createReceipts(60, 2)
  for (const key of ['a', 'b', 'c']) receipts.keep(once(key), entry)
  t.equal(receipts.find(once('a')), undefined)
  t.same(receipts.find(once('b')), { ...entry, fingerprint: 'x' })
  t.same(receipts.find(once('c')), { ...entry, fingerprint: 'x' })
})

t.test('without a key, nothing is remembered or found', async (t) => {
  const receipts = createReceipts()
  receipts.keep(undefined, entry)
  t.equal(receipts.find(undefined), undefined)
})
