/** How deep arrays and objects may nest in a body: nothing here needs more, and recursion must end. */
export const MOST_LEVELS = 64

/** An object or array, by its members; undefined for any other JSON value. */
export function membersOf (value: unknown): readonly unknown[] | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  return Array.isArray(value) ? value : Object.values(value)
}

export function isObject (value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Whether arrays and objects nest in a value to more than so many levels. */
export function nestsDeeperThan (levels: number, value: unknown): boolean {
  const members = membersOf(value)
  return members !== undefined && (levels <= 0 || members.some((member) => nestsDeeperThan(levels - 1, member)))
}

/** How many values a value is made of, itself included. */
export function countValues (value: unknown): number {
  return (membersOf(value) ?? []).reduce<number>((sum, member) => sum + countValues(member), 1)
}

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
