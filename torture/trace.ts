/** A system call: where in the trace it began, and where it had ended. */
export interface Call {
  readonly name: string
  readonly text: string
  readonly began: number
  readonly ended: number
}

/** Reads what `strace -f` wrote, in the order in which the calls began. */
export function parseTrace (trace: string): Call[] {
  const calls: Call[] = []
  /** By thread, the call that another thread's has interrupted in the trace. */
  const unfinished = new Map<string, Omit<Call, 'ended'>>()
  trace.split('\n').forEach((line, at) => {
    const [, thread = '', resumed, name = '', text = ''] = /^(\d+) +(<\.\.\. )?(\w+)(.*)$/.exec(line) ?? []
    const begun = resumed === undefined ? { name, text, began: at } : unfinished.get(thread)
    if (begun === undefined || name === '') return
    if (text.endsWith('<unfinished ...>')) unfinished.set(thread, begun)
    else calls.push({ ...begun, text: resumed === undefined ? text : begun.text + text, ended: at })
  })
  return calls.sort((a, b) => a.began - b.began)
}

/** The order of what happened for one request. */
export interface Order {
  /** Whether a flush began after the request was read, and ended before its answer was begun. */
  readonly flushed: boolean
  /** Whether at that moment all that was written to the file had been flushed. */
  readonly clean: boolean
}

const FLUSHES = ['fdatasync', 'fsync', 'msync']
const SENDS = ['write', 'writev', 'sendto']
const WRITES = ['write', 'writev', 'pwrite64', 'pwritev']

/** What happened between the reading of a request and its answer, of which both hold a word that no other has. */
export function orderOf (calls: readonly Call[], word: string, file: string): Order | undefined {
  const request = calls.find(({ name, text }) => name === 'read' && text.includes(word))
  const answer = calls.find(({ name, text }) => SENDS.includes(name) && text.includes('HTTP/1.1 201') && text.includes(word))
  if (request === undefined || answer === undefined) return undefined
  const between = calls.filter(({ began, ended }) => began > request.ended && ended < answer.began)
  const flushes = between.filter(({ name }) => FLUSHES.includes(name))
  const cached = cachedFiles(calls, file)
  const writes = between.filter(({ name, text }) => WRITES.includes(name) && cached.includes(fileOf(text)))
  return { flushed: flushes.length > 0, clean: writes.every((write) => flushes.some((flush) => flush.began > write.ended)) }
}

/** The descriptors of a file whose writes reach the disk only at a flush. */
function cachedFiles (calls: readonly Call[], file: string): string[] {
  return calls
    .filter(({ name, text }) => name === 'openat' && text.includes(file) && !/O_D?SYNC/.test(text))
    .map(({ text }) => / = (\d+)$/.exec(text)?.[1] ?? '')
}

const fileOf = (text: string): string => /^\((\d+),/.exec(text)?.[1] ?? 'none'
