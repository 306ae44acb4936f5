import type { FastifyRequest } from 'fastify'
import { JsonPatch } from '../schemas/json-patch.js'
import type { Violation } from '../schemas/problem.js'
import { applyJsonPatch } from './json-patch.js'
import { isObject } from './json.js'
import { JSON_PATCH, mediaTypeOf } from './media-types.js'
import { applyMergePatch } from './merge-patch.js'
import { compile } from './validation.js'

let compiled: ReturnType<typeof compile<typeof JsonPatch>> | undefined

/** The check of a JSON Patch, compiled when the first one comes: a start would take some 10 ms longer. */
function jsonPatch () {
  compiled ??= compile(JsonPatch, 'body')
  return compiled
}

/** Lists the rules that a PATCH breaks by itself, whatever it meets. Any JSON value is a merge patch. */
export function checkPatch ({ headers, body }: FastifyRequest): readonly Violation[] {
  return mediaTypeOf(headers) === JSON_PATCH ? jsonPatch().check(body) : []
}

/**
 * Returns what a PATCH makes of a target, as its media type has it. Throws 400 where the body is no JSON Patch though it
 * says so, and 409 where it is one that does not apply. Null removes a member of a merge patch (RFC 7396, section 2): of those in `nulls`, which
 * are always there, it makes null.
 */
export function applyPatch ({ headers, body }: FastifyRequest, target: unknown, nulls: Readonly<Record<string, null>> = {}): unknown {
  if (mediaTypeOf(headers) === JSON_PATCH) return applyJsonPatch(target, jsonPatch().parse(body))
  const result = applyMergePatch(target, body)
  return isObject(result) ? { ...nulls, ...result } : result
}
