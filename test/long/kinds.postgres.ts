import t from 'tap'
import { testHttp } from '../build.js'
import { openDatabases, storeIn } from '../postgres.js'

// What HTTP promises of resources of one's own, and of what is written between two reads, on the PostgreSQL store.
const { fresh } = await openDatabases(t)
await testHttp(storeIn(fresh), { tests: ['routes/kinds', 'routes/page-cache'], long: true })
