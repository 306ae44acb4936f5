import { spawnSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { createConnection } from '../torture/connection.js'
import { LANGUAGE } from './build.js'
import { newFolder } from './lmdb.js'
import { builtProgram, startCounted } from './program.js'

const LIST = '/programming_languages'

/** A disk of its own, in memory, with so much room. */
const disk = newFolder()
const mount = (options: string) => spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', disk], { encoding: 'utf8' })
const { status, stderr, error } = mount('size=3m')
const skip = status === 0 ? false : `cannot mount a small disk: ${error?.message ?? stderr.trim()}`
t.teardown(() => { if (!skip) spawnSync('umount', ['--lazy', disk]) })

t.test('a new folder on a full disk is one clear line, and exit code 1', { skip }, async (t) => {
  writeFileSync(join(disk, 'filler'), Buffer.alloc(3 * 1024 * 1024 - 4096))
  const { output, exited } = startCounted(t, { STORE: `lmdb:${disk}/new` })
  t.same(await exited, [1, null])
  t.equal(output.err, `cannot start: the disk of the folder ${disk}/new is full\n`)
  rmSync(join(disk, 'filler'))
})

t.test('on a full disk, writes are 503, all else goes on, and what was acknowledged is kept', { skip }, async (t) => {
  const program = builtProgram()
  const store = `lmdb:${disk}/store`
  const server = await program.start(store)
  t.teardown(server.kill)
  const { send, close } = connect(t, server.address)
  const made = new Map<string, string>()

  t.same(await fill(20, 1000), new Set([201, 503]))
  t.ok(made.size > 100)
  t.match(await send({ method: 'GET', path: `${LIST}/0` }), { status: 200 })
  t.match(await send({ method: 'GET', path: '/health' }), { status: 200, text: '{"status":"ok"}' }, 'it can still be read from')
  t.same(await readAll(server.address), made)

  t.equal(mount('remount,size=8m').status, 0)
  const before = made.size
  t.same(await fill(20, 100), new Set([201]), 'it serves again by itself')
  t.equal(made.size, before + 100)
  t.match(await send({ method: 'DELETE', path: `${LIST}/0` }), { status: 204 })
  t.same(await readAll(server.address), made)
  close()
  await server.kill()

  const again = await program.start(store)
  t.teardown(again.kill)
  t.same(await readAll(again.address), made)

  /** Creates languages from some connections; says which answers there were. */
  async function fill (connections: number, count: number): Promise<Set<number>> {
    const statuses = new Set<number>()
    await Promise.all(Array.from({ length: connections }, async () => {
      const { send, close } = connect(t, server.address)
      for (let i = 0; i < count / connections; i++) {
        const { status, text, headers } = await send({ method: 'POST', path: LIST, body: { ...LANGUAGE, contribution: 'x'.repeat(1900) } })
        statuses.add(status)
        if (status === 201) made.set(String(headers.location), text)
        else t.match(headers, { 'retry-after': '1', 'content-type': 'application/problem+json' })
      }
      close()
    }))
    return statuses
  }

  /** The same languages, as they are now. */
  async function readAll (address: string): Promise<Map<string, string>> {
    const { send, close } = connect(t, address)
    const found = new Map<string, string>()
    for (const path of made.keys()) found.set(path, (await send({ method: 'GET', path })).text)
    close()
    return found
  }
})

function connect (t: { teardown (close: () => void): unknown }, address: string) {
  const connection = createConnection(address)
  t.teardown(connection.close)
  return connection
}
