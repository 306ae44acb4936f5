import { accessSync, constants, existsSync, mkdirSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { open, type RootDatabase } from 'lmdb'

/** Opens a folder, with room for so many databases, and makes it where there is none. Throws where it cannot be used. */
export function openEnvironment (folder: string, maxDbs: number): RootDatabase {
  const path = resolve(folder)
  try {
    makeFolder(path)
    accessSync(path, constants.W_OK)
    // Without `overlappingSync`, a commit is seen, and a write resolves, only after the flush. With `eventTurnBatching`, lmdb
    // makes promises that only it has: when a commit fails, as on a full disk, their rejection would end the process.
    return open({ path, noSubdir: false, overlappingSync: false, eventTurnBatching: false, maxDbs })
  } catch (cause) {
    throw new Error(`cannot write to the folder ${path}`, { cause })
  }
}

/** Makes a folder, and those that it is in. Node.js itself would never come back from making one below /proc. */
function makeFolder (path: string): void {
  if (existsSync(path)) return
  makeFolder(dirname(path))
  try {
    mkdirSync(path)
  } catch (error) {
    // Another process may have made it meanwhile.
    if (Object(error).code !== 'EEXIST') throw error
  }
}
