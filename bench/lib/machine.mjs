import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import os from 'node:os'
import { join } from 'node:path'
import { run } from './processes.mjs'
import { BENCH } from './servers.mjs'

export function describeMachine () {
  const [{ model = 'unknown processor' } = {}] = os.cpus()
  return {
    processor: model.trim(),
    cores: os.cpus().length,
    memory: `${Math.round(os.totalmem() / 2 ** 30)} GiB`,
    system: `${os.type()} ${os.release().split('-')[0]} ${os.arch()}`
  }
}

/** The versions of what runs on this Node.js, and of the product, with its commit where that is known. */
export async function findVersions (node, product) {
  const [{ version }, commit] = [readPackage(product), await commitOf(product)]
  return {
    node: (await run([node, '--version'], { seconds: 10 })).split('\n', 1)[0].replace(/^v/, ''),
    product: commit ? `${version} (${commit})` : version,
    ...Object.fromEntries(['fastify', 'hono', '@hono/node-server', 'express'].map((name) => [name, versionOf(name)]))
  }
}

const readPackage = (folder) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))

/** The version that the peers in bench/ get. */
function versionOf (name) {
  const folders = createRequire(join(BENCH, 'peers/')).resolve.paths(name)
  for (const folder of folders) {
    try {
      return readPackage(join(folder, name)).version
    } catch {
      // Perhaps in the next one.
    }
  }
}

async function commitOf (folder) {
  try {
    const commit = await run(['git', 'rev-parse', '--short', 'HEAD'], { cwd: folder, seconds: 10 })
    const changes = await run(['git', 'status', '--porcelain', '--', ':!bench'], { cwd: folder, seconds: 10 })
    return commit.trim() + (changes.trim() ? ', changed' : '')
  } catch {
    return undefined
  }
}
