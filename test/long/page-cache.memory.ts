import { testHttp } from '../build.js'

// What HTTP promises of what is written between two reads, on the store in memory.
await testHttp(() => 'memory:', { tests: ['routes/page-cache'], long: true })
