import t from 'tap'
import { model, openStore } from '../../app.js'

t.test('a URL that names no store is refused, and not shown', async (t) => {
  for (const url of ['nowhere://user:secret@host', '']) {
    await t.rejects(openStore(url, model), { message: /^there is no store \w*:, only [a-z:, ]+$/ })
  }
})

t.test('nor does half of a URL name one, or more than one has', async (t) => {
  for (const [url, example] of [
    ['memory', 'memory:'],
    ['memory:languages', 'memory:'],
    ['lmdb:', 'lmdb:./data'],
    ['postgres:/secret', 'postgres://user:password@host:5432/database'],
    ['postgresql://', 'postgres://user:password@host:5432/database']
  ] as const) {
    await t.rejects(openStore(url, model), { message: `the URL of a store is like ${example}` })
  }
})
