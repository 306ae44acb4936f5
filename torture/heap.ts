import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

// Runs in each process of a server before the server does. At a signal of which nothing else takes notice, it collects the garbage, and says
// how much is left.

setFlagsFromString('--expose-gc')
const collect: () => void = runInNewContext('gc')

process.on('SIGWINCH', () => {
  // Twice, as what the first has finalized only the second frees.
  collect()
  collect()
  const { heapUsed, external, rss } = process.memoryUsage()
  process.stdout.write(`memory of ${process.pid}: ${JSON.stringify({ heap: heapUsed, external, resident: rss })}\n`)
})
