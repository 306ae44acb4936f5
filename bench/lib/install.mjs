import { existsSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
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

/** The path of the Node.js that was asked for: this one, the one at a path, or a version from npm. */
export async function findNode (wanted, say) {
  if (wanted === undefined) return process.execPath
  if (!/^\d+(\.\d+)*$/.test(wanted)) return wanted
  const folder = join(BENCH, '.nodes', wanted)
  const node = join(folder, 'node_modules/node/bin/node')
  if (!existsSync(node)) {
    say(`installs Node.js ${wanted}: npm install node@${wanted} in bench/.nodes/`)
    await mkdir(folder, { recursive: true })
    await npm(['install', '--prefix', folder, '--no-save', `node@${wanted}`], folder)
  }
  return node
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
