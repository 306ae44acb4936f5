import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { createConnection } from '../torture/connection.js'
import { buildProgram } from '../torture/program.js'
import { orderOf, parseTrace } from '../torture/trace.js'
import { LANGUAGE } from './build.js'
import { newFolder } from './lmdb.js'

const LIST = '/programming_languages'

const canTrace = spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0
const skip = canTrace ? false : 'strace is not here, or may not trace'

const CALLS = ['openat', 'read', 'write', 'writev', 'sendto', 'pwrite64', 'pwritev', 'fdatasync', 'fsync', 'msync']

t.test('a write is flushed to the disk before it is answered', { skip }, async (t) => {
  const folder = newFolder()
  const file = join(newFolder(), 'trace')
  // With -D, the traced program is the child of this process.
  const server = await buildProgram().start(`lmdb:${folder}`, { before: ['strace', '-D', '-f', '-s', '1000', '-o', file, '-e', `trace=${CALLS}`] })
  t.teardown(server.kill)
  const connections = Array.from({ length: 20 }, () => createConnection(server.address))
  t.teardown(() => connections.forEach((connection) => connection.close()))
  const create = (name: string, connection = connections[0]) => connection?.send({ method: 'POST', path: LIST, body: { ...LANGUAGE, name } })

  const alone = Array.from({ length: 20 }, (_, i) => `alone-${i}.`)
  for (const name of alone) t.equal((await create(name))?.status, 201)
  const together = connections.map((_, i) => `together-${i}.`)
  await Promise.all(connections.map((connection, i) => create(together[i] ?? '', connection)))
  await server.kill()

  const calls = parseTrace(await finished(file))
  for (const name of alone) t.same(orderOf(calls, name, 'data.mdb'), { flushed: true, clean: true }, name)
  for (const name of together) t.match(orderOf(calls, name, 'data.mdb'), { flushed: true }, name)
})

/** The trace, when its last line is written. */
async function finished (file: string): Promise<string> {
  for (;;) {
    const trace = readFileSync(file, 'utf8')
    if (trace.includes('+++ killed by SIGKILL +++')) return trace
    await pause(50)
  }
}
