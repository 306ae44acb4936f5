import t from 'tap'
import { testHttp } from '../build.js'

// What HTTP promises of what is written between two reads, on the store in memory.
t.setTimeout(180_000)
await testHttp(() => 'memory:', { tests: ['routes/page-cache'], long: true })
