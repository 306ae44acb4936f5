import type { IncomingHttpHeaders } from 'node:http'

/** `version-trace-parent-flags`; a later version may have more behind them (W3C Trace Context, sections 3.2.2 and 4). */
const TRACEPARENT = /^(?!ff)([\da-f]{2})-(?!0{32})([\da-f]{32})-(?!0{16})[\da-f]{16}-[\da-f]{2}(-.*)?$/

/** The trace that a request is part of, as a field of the log; nothing where it names none, or none that is valid. */
export function traceField ({ traceparent }: IncomingHttpHeaders): { trace_id?: string } {
  if (typeof traceparent !== 'string') return {}
  const [, version, trace, more] = TRACEPARENT.exec(traceparent) ?? []
  return trace === undefined || (version === '00' && more !== undefined) ? {} : { trace_id: trace }
}
