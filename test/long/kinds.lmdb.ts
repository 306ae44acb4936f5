import t from 'tap'
import { testHttp } from '../build.js'
import { newFolder } from '../lmdb.js'

// What HTTP promises of resources of one's own, on the LMDB store.
t.setTimeout(180_000)
await testHttp(() => `lmdb:${newFolder()}`, ['routes/kinds'])
