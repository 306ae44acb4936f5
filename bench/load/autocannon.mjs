// Does what wrk and lua/requests.lua do, where there is no wrk. The argument is a file of options; prints the same line.

import { readFileSync } from 'node:fs'
import autocannon from 'autocannon'

const options = JSON.parse(readFileSync(process.argv[2], 'utf8'))

const instance = autocannon({ ...options, duration: 600 }, (error, result) => {
  if (error) throw error
  const { requests, throughput, latency, errors, timeouts, '4xx': wrong, '5xx': failed } = result
  const report = {
    requests: requests.total,
    seconds: (result.finish - result.start) / 1000,
    bytes: throughput.total,
    p50: latency.p50,
    p99: latency.p99,
    errors: { connect: 0, read: errors - timeouts, write: 0, timeout: timeouts, status: wrong + failed }
  }
  console.log(`RESULT ${JSON.stringify(report)}`)
})

process.on('SIGINT', () => instance.stop())
console.log('STARTED')
