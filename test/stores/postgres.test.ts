import t from 'tap'
import { openPostgresStore } from '../../stores/postgres.js'
import { openDatabases } from '../postgres.js'
import { testStore } from './contract.js'

const { fresh } = await openDatabases(t)

testStore(t, 'postgres', async (model, settings) => openPostgresStore(await fresh(), model, settings), { numRuns: 40 })
