import t from 'tap'
import { testHttp } from './build.js'
import { newFolder } from './lmdb.js'

// What HTTP promises, all of it, on the LMDB store.
t.setTimeout(180_000)
const newStore = () => `lmdb:${newFolder()}`
await testHttp(newStore)
// PostgreSQL keeps no pages.
await testHttp(newStore, { tests: ['http/content-coding'] })
