import { isObject } from './json.js'

/**
 * Applies a JSON Merge Patch (RFC 7396, section 2): the members of the patch take the place of the target's, null
 * removes one, and what is no object replaces the target whole. The target is not changed.
 */
export function applyMergePatch (target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch
  const members = new Map(isObject(target) ? Object.entries(target) : [])
  for (const name of Object.keys(patch)) {
    if (patch[name] === null) members.delete(name)
    else members.set(name, applyMergePatch(members.get(name), patch[name]))
  }
  // Makes a member even of "__proto__", where an assignment would not.
  return Object.fromEntries(members)
}
