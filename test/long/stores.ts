import t from 'tap'
import { openLmdbStore, openPostgresStore } from '../../stores/open.js'
import { newFolder } from '../lmdb.js'
import { openDatabases } from '../postgres.js'
import { testStore } from '../testing.js'

// The contract of the stores on the disk, with more random records than `npm test` tries.
const { fresh } = await openDatabases(t)
await testStore(t, 'lmdb', (model, settings) => openLmdbStore(newFolder(), model, settings))
await testStore(t, 'postgres', async (model, settings) => openPostgresStore(await fresh(), model, settings))
