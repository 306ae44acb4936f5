import { watchWaiting } from './waiting.js'

// Runs in a server before the server does: asked by its parent, it says for how many milliseconds, at most, the event loop ran
// nothing else since it was asked before. What it waited for a processor meanwhile does not count.

const INTERVAL = 1

const waiting = watchWaiting(process.pid)
let last = look()
let longest = 0

setInterval(beat, INTERVAL).unref()

process.on('message', () => {
  // The question may be read in the turn that was late, before the beat that will tell.
  setTimeout(() => {
    process.send?.(longest)
    longest = 0
  }, 2 * INTERVAL)
})
process.channel?.unref()

function beat (): void {
  const now = look()
  longest = Math.max(longest, now.time - last.time - (now.waited - last.waited) - INTERVAL)
  last = now
}

function look () {
  return { time: performance.now(), waited: waiting.soFar() }
}
