/** Shows how far a run is, on the error output: one line that changes on a terminal, a line for each step elsewhere. */
export function createProgress (total, output = process.stderr) {
  const begin = performance.now()
  let done = 0

  return {
    step (text) {
      done++
      const elapsed = (performance.now() - begin) / 1000
      const left = done > 1 ? `, ${clock(elapsed / done * (total - done))} left` : ''
      show(`[${done}/${total}, ${clock(elapsed)}${left}] ${text}`)
    },
    /** Shows a line that stays. */
    say (line) {
      if (output.isTTY) output.write('\r\x1b[K')
      output.write(line + '\n')
    },
    end () {
      if (output.isTTY) output.write('\r\x1b[K')
    }
  }

  function show (line) {
    if (output.isTTY) output.write(`\r\x1b[K${line.slice(0, (output.columns ?? 80) - 1)}`)
    else output.write(line + '\n')
  }
}

function clock (seconds) {
  const rounded = Math.round(seconds)
  return `${Math.floor(rounded / 60)}:${String(rounded % 60).padStart(2, '0')}`
}
