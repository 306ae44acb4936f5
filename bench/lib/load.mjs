import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { join } from 'node:path'
import { CONNECTIONS } from './operations.mjs'
import { HOST, toWire } from './http.mjs'
import { hasEnded, run, start, timesOf } from './processes.mjs'
import { BENCH } from './servers.mjs'
import { PATIENCE, Slow } from './slow.mjs'

export const GENERATOR = spawnSync('wrk', ['-v'], { stdio: 'ignore' }).error === undefined ? 'wrk' : 'autocannon'

/**
 * Loads a server with a cycle of requests, as fast as it answers, for some seconds, and for up to `most` where it has
 * to share its core; again for longer, where none was answered. Gives how many requests there were, in how many seconds,
 * of how many bytes, with which errors, the latencies in milliseconds, and what the server had run before and after.
 */
export async function applyLoad ({ seconds, most, ...load }) {
  const before = timesOf(load.server)
  const result = await loadOnce({ seconds, most, ...load })
  if (result.requests > 0) return { ...result, before, after: timesOf(load.server) }
  if (seconds >= PATIENCE) throw new Slow()
  const longer = Math.min(seconds * 8, PATIENCE)
  return applyLoad({ seconds: longer, most: longer, ...load })
}

async function loadOnce ({ server, port, requests, connections, seconds, most, cores, folder }) {
  const url = `http://${HOST}:${port}`
  const child = start(command({ url, port, requests, connections, folder }), { cores, stdout: 'pipe' })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text) => { output += text })
  const limit = setTimeout(() => child.kill('SIGKILL'), most * 1000 + 30_000)
  const closed = once(child, 'close')
  // autocannon takes a while to start, and then says so.
  if (GENERATOR === 'autocannon') await Promise.race([once(child.stdout, 'data'), closed])
  await Promise.race([hasRun(server, seconds, most), closed])
  // Both generators take fractions of a second only by being told when to stop.
  if (!hasEnded(child)) child.kill('SIGINT')
  await closed
  clearTimeout(limit)
  const [, report] = output.match(/^RESULT (.*)$/m) ?? []
  if (report === undefined) throw new Error(`${GENERATOR} ended with ${child.exitCode ?? child.signalCode}: ${child.complaint || output}`)
  return JSON.parse(report)
}

/** Waits so many seconds, and up to `most` where a process had to wait for its core for much of them. */
async function hasRun (child, seconds, most) {
  const before = timesOf(child)
  const begin = performance.now()
  const elapsed = () => (performance.now() - begin) / 1000
  const waited = () => (timesOf(child)?.waited - before?.waited) / 1e9

  await pause(seconds * 1000)
  while (elapsed() < most && elapsed() - waited() < seconds * 0.8) await pause(50)
}

function command ({ url, port, requests, connections, folder }) {
  if (GENERATOR === 'wrk') {
    const file = join(folder, 'requests')
    writeFileSync(file, requests.map((request) => toWire(request, port)).join('\0'))
    return ['wrk', '-t1', `-c${connections}`, '-d600s', '--timeout', `${PATIENCE}s`, '-s', join(BENCH, 'lua/requests.lua'), url, '--', file]
  }
  const file = join(folder, 'options.json')
  writeFileSync(file, JSON.stringify({ url, requests, connections, timeout: PATIENCE }))
  return [process.execPath, join(BENCH, 'load/autocannon.mjs'), file]
}

/** Sends requests at a constant rate; gives the latencies in milliseconds and the rate that came about. */
export async function applyConstantRate ({ port, requests, rate, seconds, cores }) {
  const options = { port, host: HOST, requests: requests.map((request) => toWire(request, port)), rate, seconds, connections: CONNECTIONS }
  const output = await run([process.execPath, join(BENCH, 'load/constant-rate.mjs'), JSON.stringify(options)], { cores, seconds: seconds * 2 + PATIENCE })
  return JSON.parse(output)
}
