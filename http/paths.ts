/**
 * The path of a request target, in its shortest spelling: without an authority (RFC 9112, section 3.2.2), a query, or
 * slashes to spare, because two at its beginning would make what follows them an authority (RFC 3986, section 4.2).
 */
export function pathOf (target: string): string {
  if (SHORTEST.test(target)) return target
  const path = target.replace(AUTHORITY, '').replace(/\?.*$/s, '')
  return '/' + path.replace(/^\/+|\/+$/g, '')
}

/** A request target as a path with its query, whichever of the two forms it has (RFC 9112, section 3.2). */
export function originForm (target: string): string {
  return target.startsWith('/') ? target : target.replace(AUTHORITY, '').replace(/^(?!\/)/, '/')
}

const AUTHORITY = /^https?:\/\/[^/?]*/i

/** A path without its last segment. */
export function parentOf (path: string): string {
  return path.slice(0, path.lastIndexOf('/'))
}

/** The segments of a path for some properties of a record (RFC 3986, section 3.3). */
export function toSegments (names: readonly string[], record: Readonly<Record<string, unknown>>): string {
  return names.map((name) => encodeURIComponent(String(record[name]))).join('/')
}

/** The form of most targets, which have their shortest spelling already. */
const SHORTEST = /^(?:\/[^/?]+)+$/
