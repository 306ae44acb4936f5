import { Session } from 'node:inspector'

// Runs in each process of a server before the server does. At a signal of which nothing else takes notice, it collects the garbage, and says
// how much is left.

process.on('SIGWINCH', () => {
  const session = new Session()
  session.connect()
  session.post('HeapProfiler.collectGarbage', () => {
    session.disconnect()
    const { heapUsed, arrayBuffers, rss } = process.memoryUsage()
    process.stdout.write(`memory of ${process.pid}: ${JSON.stringify({ heap: heapUsed, buffers: arrayBuffers, resident: rss })}\n`)
  })
})
