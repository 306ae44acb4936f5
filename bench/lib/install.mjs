import { existsSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { run } from './processes.mjs'
import { BENCH } from './servers.mjs'

/** What npm may take, in seconds. */
const NPM_LIMIT = 180

/** Installs the JavaScript peers where they are not there yet. */
export async function installPeers (say) {
  if (existsSync(join(BENCH, 'node_modules'))) return
  say('installs the peers: npm ci in bench/')
  await npm(['ci'], BENCH)
}

/** Where the packages of the runtimes have their binaries. */
const BINARIES = { node: 'node/bin/node', bun: 'bun/bin/bun.exe', deno: 'deno/deno' }

/** The path of the runtime that was asked for: this Node.js, the one at a path, a version of Node.js from npm, or Bun or Deno from there. */
export async function findNode (wanted, say) {
  if (wanted === undefined) return process.execPath
  const [, name = 'node', version = 'latest'] = /^(?:(node|bun|deno)(?:@|$))?(\d+(?:\.\d+)*)?$/.exec(wanted) ?? []
  if (version === 'latest' && name === 'node') return wanted
  const folder = join(BENCH, '.nodes', wanted)
  const binary = join(folder, 'node_modules', BINARIES[name])
  if (!existsSync(binary)) {
    say(`installs ${name}@${version}: npm install ${name}@${version} in bench/.nodes/`)
    await mkdir(folder, { recursive: true })
    await npm(['install', '--prefix', folder, '--no-save', `${name}@${version}`], folder)
  }
  return name === 'deno' ? withPermissions(binary, join(folder, 'deno')) : binary
}

/** Deno wants to be told what a program may do. */
async function withPermissions (binary, file) {
  await writeFile(file, `#!/bin/sh\nexec ${binary} run --allow-all "$@"\n`, { mode: 0o755 })
  return file
}

function npm (args, cwd) {
  const npm = join(dirname(process.execPath), 'npm')
  return run([existsSync(npm) ? npm : 'npm', ...args, '--no-audit', '--no-fund'], { cwd, seconds: NPM_LIMIT })
}

/** Makes the virtual environment of the Python peers where it is not there yet; says why where it cannot be. */
export async function installPython (say) {
  const folder = join(BENCH, '.venv')
  const python = join(folder, 'bin/python')
  try {
    if (!existsSync(join(folder, 'ready'))) {
      say('makes a virtual environment with FastAPI, uvicorn and hypercorn: bench/.venv')
      await rm(folder, { recursive: true, force: true })
      await run(['python3', '-m', 'venv', folder], { seconds: 60 })
      await run([python, '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--requirement', join(BENCH, 'peers/requirements.txt')], { seconds: 180 })
      await mkdir(join(folder, 'ready'))
    }
    return { versions: JSON.parse(await run([python, '-c', VERSIONS], { seconds: 20 })) }
  } catch (error) {
    return { reason: error.message.split('\n')[0].slice(0, 200) }
  }
}

const VERSIONS = `
import json, platform
from importlib.metadata import version
packages = ["fastapi", "uvicorn", "hypercorn"]
print(json.dumps({"python": platform.python_version(), **{name: version(name) for name in packages}}))
`
