import type { IncomingHttpHeaders } from 'node:http'

/** The elements of a list of preferences (RFC 7240, section 2), some of which have commas in quotes. */
const ELEMENTS = /(?:[^,"]|"(?:[^"\\]|\\.)*\\?"?)+/g

/** The name of a preference and its value, bare or in quotes; parameters follow, of which none is known. */
const PREFERENCE = /^\s*([^\s=;]+)\s*(?:=\s*"?([^\s;"]*))?/

/** Tells whether a client would rather have no representation of what it writes (RFC 7240, section 4.2). */
export function prefersMinimal ({ prefer }: IncomingHttpHeaders): boolean {
  if (typeof prefer !== 'string') return false
  for (const element of prefer.match(ELEMENTS) ?? []) {
    const [, name, value] = PREFERENCE.exec(element) ?? []
    // Of a preference that is there twice, the first counts.
    if (name?.toLowerCase() === 'return') return value?.toLowerCase() === 'minimal'
  }
  return false
}
