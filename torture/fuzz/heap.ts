import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

// Runs in a server before the server does: asked by its parent, it says how many MiB are left when all garbage is collected.

setFlagsFromString('--expose-gc')
const collect: () => void = runInNewContext('gc')

process.on('message', () => {
  collect()
  const { heapUsed, external } = process.memoryUsage()
  process.send?.((heapUsed + external) / 2 ** 20)
})
process.channel?.unref()
