/** The most bytes that a body may have: 1 MiB. */
export const MOST_BYTES = 1024 * 1024

/** How deep arrays and objects may nest in a body: nothing here needs more, and recursion must end. */
export const MOST_LEVELS = 64

export function isObject (value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** How many values a body may have: to parse more, and to look at each, takes too long for those who wait. */
export const MOST_VALUES = 20_000

/**
 * Counts how deep arrays and objects nest in a JSON text, and how many values it has, itself included. The bytes are measured
 * before they are parsed, because to parse a text of very many values, or a very deep one, takes long.
 */
export function measureJson (json: Buffer): { levels: number, values: number } {
  let [depth, levels, values, inString] = [0, 0, 1, false]
  for (let i = 0; i < json.length; i++) {
    const character = json[i]
    if (character === QUOTE) inString = !inString
    else if (inString) i += character === BACKSLASH ? 1 : 0
    else if (character === COMMA) values++
    else if (character === OPEN_BRACE || character === OPEN_BRACKET) {
      values++
      levels = Math.max(levels, ++depth)
    } else if (character === CLOSE_BRACE || character === CLOSE_BRACKET) depth--
  }
  return { levels, values }
}

const [QUOTE, BACKSLASH, COMMA, OPEN_BRACE, OPEN_BRACKET, CLOSE_BRACE, CLOSE_BRACKET] = Buffer.from('"\\,{[}]')

/** Tells whether two JSON values are equal in the sense of RFC 6902, section 4.6: the order of an object's members does not count. */
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
