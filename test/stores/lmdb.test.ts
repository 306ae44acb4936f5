import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { openLmdbStore } from '../../stores/lmdb.js'
import { testStore } from './contract.js'

const folders = mkdtempSync(join(tmpdir(), 'lmdb-'))
t.teardown(() => rmSync(folders, { recursive: true }))

const newFolder = () => mkdtempSync(join(folders, 'store-'))

testStore(t, 'lmdb', (model, settings) => openLmdbStore(newFolder(), model, settings))
