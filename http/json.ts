/** The most bytes that a body may have: 1 MiB. */
export const MOST_BYTES = 1024 * 1024

/** How deep arrays and objects may nest in a body: nothing here needs more, and recursion must end. */
export const MOST_LEVELS = 64

export function isObject (value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * Whether arrays and objects nest in a JSON text to more than so many levels. It is asked of the bytes, before they are
 * parsed, because parsing a text that nests very deep takes long.
 */
export function nestsDeeperThan (levels: number, json: Buffer): boolean {
  let depth = 0
  let inString = false
  for (let i = 0; i < json.length && depth <= levels; i++) {
    const character = json[i]
    if (character === QUOTE) inString = !inString
    else if (inString) i += character === BACKSLASH ? 1 : 0
    else if (character === OPEN_BRACE || character === OPEN_BRACKET) depth++
    else if (character === CLOSE_BRACE || character === CLOSE_BRACKET) depth--
  }
  return depth > levels
}

const [QUOTE, BACKSLASH, OPEN_BRACE, OPEN_BRACKET, CLOSE_BRACE, CLOSE_BRACKET] = Buffer.from('"\\{[}]')

/** Whether two JSON values are equal as RFC 6902, section 4.6, has it: the order of an object's members is no part of it. */
export function jsonEqual (a: unknown, b: unknown): boolean {
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((element, i) => jsonEqual(element, b[i]))
  }
  if (isObject(a)) {
    const names = Object.keys(a)
    return isObject(b) && names.length === Object.keys(b).length &&
      names.every((name) => Object.hasOwn(b, name) && jsonEqual(a[name], b[name]))
  }
  return a === b
}

/** Writes a name as a token of a JSON Pointer (RFC 6901, section 3). */
export function escapeToken (name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1')
}

/** Reads a token of a JSON Pointer (RFC 6901, section 4): "~1" first, so that "~01" is "~1". */
export function unescapeToken (token: string): string {
  return token.replaceAll('~1', '/').replaceAll('~0', '~')
}
