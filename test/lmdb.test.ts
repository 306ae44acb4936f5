import { testHttp } from './build.js'
import { newFolder } from './lmdb.js'

// What HTTP promises, all of it, on the LMDB store.
const newStore = () => `lmdb:${newFolder()}`
await testHttp(newStore)
// PostgreSQL keeps no pages.
await testHttp(newStore, { tests: ['http/content-coding'] })
