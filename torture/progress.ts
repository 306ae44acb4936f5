export interface Progress {
  /** Says that a step is done, and what came of it. */
  step (text: string): void
  /** Ends the line. */
  end (): void
}

/** Shows how far a run is: one line that changes on a terminal, a line for each step elsewhere. */
export function createProgress (total: number, output = process.stderr): Progress {
  const begin = performance.now()
  let done = 0

  return {
    step (text) {
      done++
      const elapsed = (performance.now() - begin) / 1000
      const line = `[${done}/${total}, ${clock(elapsed)}, ${clock(elapsed / done * (total - done))} left] ${text}`
      output.write(output.isTTY ? `\r\x1b[K${line.slice(0, output.columns - 1)}` : `${line}\n`)
    },
    end () {
      if (output.isTTY) output.write('\n')
    }
  }
}

function clock (seconds: number): string {
  const rounded = Math.round(seconds)
  return `${Math.floor(rounded / 60)}:${String(rounded % 60).padStart(2, '0')}`
}
