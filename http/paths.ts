/**
 * The path of a request target, in its shortest spelling: without an authority (RFC 9112, section 3.2.2), a query, or
 * slashes to spare, because two at its beginning would make what follows them an authority (RFC 3986, section 4.2).
 */
export function pathOf (target: string): string {
  if (SHORTEST.test(target)) return target
  const path = target.replace(/^https?:\/\/[^/?]*/i, '').replace(/\?.*$/s, '')
  return '/' + path.replace(/^\/+|\/+$/g, '')
}

/** A path without its last segment. */
export function parentOf (path: string): string {
  return path.slice(0, path.lastIndexOf('/'))
}

/** The form of most targets, which have their shortest spelling already. */
const SHORTEST = /^(?:\/[^/?]+)+$/
