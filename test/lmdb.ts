import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'

const folders = mkdtempSync(join(tmpdir(), 'lmdb-'))
t.teardown(() => rmSync(folders, { recursive: true }))

/** A new, empty folder, removed after the tests. */
export const newFolder = (): string => mkdtempSync(join(folders, 'store-'))
