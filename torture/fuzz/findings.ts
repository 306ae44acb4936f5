import type { Answer } from './wire.js'

/** How many findings of one kind are shown whole. */
const SHOWN = 3

/** The most characters of a request or an answer that are shown. */
const MOST_SHOWN = 4000

export type Findings = ReturnType<typeof createFindings>

/** Collects what was found wrong, of each kind the first few, with the bytes that were sent. */
export function createFindings (print: (text: string) => void) {
  const counts = new Map<string, number>()
  return { add, count: () => [...counts.values()].reduce((sum, count) => sum + count, 0), kinds: () => [...counts].map(([what, count]) => `${count} × ${what}`) }

  function add (what: string, sent?: Buffer, answer?: Answer): undefined {
    // The numbers in it make no other kind.
    const kind = what.replaceAll(/"[^"]*"|\d{4,}/g, '…').slice(0, 300)
    const count = (counts.get(kind) ?? 0) + 1
    counts.set(kind, count)
    if (count > SHOWN) return
    const shown = answer === undefined ? '' : `\n  answered: ${answer.status} ${JSON.stringify(Object.fromEntries(answer.fields))} ${JSON.stringify(answer.content.toString().slice(0, MOST_SHOWN))}`
    print(`${what}${sent === undefined ? '' : `\n  sent: printf '${toPrintf(sent)}' | nc HOST PORT`}${shown}\n`)
  }
}

/** Bytes for the command `printf`, in single quotes. */
function toPrintf (bytes: Buffer): string {
  const text = bytes.toString('latin1').replaceAll(/[^\x20-\x7e]|['\\%]/g, (byte) => ESCAPES.get(byte) ?? `\\x${byte.charCodeAt(0).toString(16).padStart(2, '0')}`)
  return text.length <= MOST_SHOWN ? text : `${text.slice(0, MOST_SHOWN)}… (${bytes.length} bytes)`
}

const ESCAPES: ReadonlyMap<string, string> = new Map([['\r', '\\r'], ['\n', '\\n'], ['\\', '\\\\'], ['%', '%%']])
