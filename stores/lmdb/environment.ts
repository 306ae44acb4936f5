import { accessSync, constants, existsSync, mkdirSync, statfsSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { open } from 'lmdb'
import { checkBeginning, checkPages } from './data-file.js'

/** More databases than any API has. */
const MOST_DATABASES = 2048

/**
 * Opens a folder, and makes it where there is none. Throws where it cannot be used. `isInPlace` tells whether the folder still has the
 * file that was opened: what is written to one that is gone is gone as well.
 */
export async function openEnvironment (folder: string) {
  const path = resolve(folder)
  try {
    makeFolder(path)
    // The slash at its end makes this fail for a file.
    accessSync(join(path, '/'), constants.W_OK)
  } catch (cause) {
    throw new Error(`cannot write to the folder ${path}`, { cause })
  }
  const data = join(path, 'data.mdb')
  const size = sizeOf(data)
  if (size > 0) checkBeginning(data)
  if (size === 0 || sizeOf(join(path, 'lock.mdb')) === 0) checkRoom(path)
  // Without `overlappingSync`, a commit is seen, and a write resolves, only after the flush. With `eventTurnBatching`, lmdb
  // makes promises that only it has: when a commit fails, as on a full disk, their rejection would end the process.
  const database = open({ path, noSubdir: false, overlappingSync: false, eventTurnBatching: false, maxDbs: MOST_DATABASES })
  try {
    // Nobody else writes during a transaction.
    database.transactionSync(() => checkPages(data))
  } catch (error) {
    await database.close()
    throw error
  }
  const opened = numberOf(data)
  return { database, isInPlace: () => numberOf(data) === opened }
}

/** The most bytes that a new environment takes. */
const ROOM = 256 * 1024

/** LMDB maps its files into memory: where the disk has no room for them, the first access to them would end the process by a signal. */
function checkRoom (path: string): void {
  const { bavail, bsize } = statfsSync(path)
  if (bavail * bsize < ROOM) throw new Error(`the disk of the folder ${path} is full`)
}

const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0

/** The number by which the file system knows a file; undefined where there is none. */
const numberOf = (file: string): number | undefined => statSync(file, { throwIfNoEntry: false })?.ino

/** Makes a folder, and those that it is in. Node.js itself would never come back from making one below /proc. */
function makeFolder (path: string): void {
  if (existsSync(path)) return
  makeFolder(dirname(path))
  try {
    mkdirSync(path)
  } catch (error) {
    // Another process may have made it meanwhile.
    if (!existsSync(path)) throw error
  }
}
