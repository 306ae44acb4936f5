import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { freePort } from './embedded-postgres.js'

/** Whether there is a PgBouncer on this machine. */
export const hasPgbouncer = spawnSync('pgbouncer', ['--version']).status === 0

/**
 * Starts PgBouncer in front of the server that a URL names, gone with the test. It gives each transaction one of two connections, so
 * that no two of a client need have the same. To each of some schemas it leads as to a database of that name. Returns the function
 * that makes a URL one through it.
 */
export async function startPgbouncer (t: Test, server: string, settings = '', schemas: readonly string[] = []) {
  const folder = await mkdtemp(join(tmpdir(), 'pgbouncer-'))
  t.teardown(() => rm(folder, { recursive: true }))
  // As root, which PgBouncer refuses to run as, it is another user who reads this.
  await chmod(folder, 0o755)
  const { hostname, port, username, password } = new URL(server)
  const own = await freePort()
  const file = join(folder, 'pgbouncer.ini')
  const target = `host=${hostname} port=${port} user=${username} password='${decodeURIComponent(password)}'`
  await writeFile(file, `[databases]
* = ${target}
${schemas.map((schema) => `${schema} = ${target} dbname=postgres connect_query='set search_path = ${schema}'`).join('\n')}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${own}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 2
${settings}
`)
  const program = spawn('pgbouncer', [...process.getuid?.() === 0 ? ['-u', 'nobody'] : [], file], { stdio: ['ignore', 'ignore', 'pipe'] })
  const exited = once(program, 'exit')
  t.teardown(async () => {
    program.kill('SIGKILL')
    await exited
  })
  for (let said = ''; !said.includes('process up');) said += (await once(program.stderr, 'data')).join()
  program.stderr.resume()

  return (url: string) => {
    const found = new URL(url)
    found.host = `127.0.0.1:${own}`
    return found.href
  }
}
