import t from 'tap'
import { model, openStore } from '../../app.js'

t.test('a URL that names no store is refused, and not shown', async (t) => {
  for (const url of ['nowhere://user:secret@host', '']) {
    await t.rejects(openStore(url, model), { message: /^there is no store \w*:, only [a-z:, ]+$/ })
  }
})
