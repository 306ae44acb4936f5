import { testHttp } from '../build.js'
import { newFolder } from '../lmdb.js'

// What HTTP promises of resources of one's own, and of what is written between two reads, on the LMDB store.
await testHttp(() => `lmdb:${newFolder()}`, { tests: ['routes/kinds', 'routes/page-cache'], long: true })
