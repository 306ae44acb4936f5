import { truncateSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { newFolder } from './lmdb.js'
import { call, listening, many, said, start } from './program.js'

t.test('where the file is cut short while they run, workers end, and are replaced at longer and longer intervals', async (t) => {
  const folder = newFolder()
  const { program, output, exited } = start(t, { STORE: `lmdb:${folder}`, WORKERS: '2' })
  const address = await listening(program, output)
  truncateSync(join(folder, 'data.mdb'), 8192)
  await Promise.allSettled(await many(20, () => call(address, 'GET /programming_languages/5').catch(() => {})))
  await said(program, output, /gone: .*SIGBUS/)
  await said(program, output, /the file .* is cut short/)
  program.kill('SIGTERM')
  t.same(await exited, [0, null])
})
