import type { FastifyRequest } from 'fastify'
import { JsonPatch, MOST_OPERATIONS } from '../schemas/json-patch.js'
import { badRequest } from './error.js'
import { applyJsonPatch } from './json-patch.js'
import { JSON_PATCH } from './media-types.js'
import { applyMergePatch } from './merge-patch.js'
import { compileParser } from './validation.js'

const parseJsonPatch = compileParser(JsonPatch, 'body')

/**
 * The change that a PATCH asks for, as its media type has it. Throws 400 where the body is no JSON Patch though it
 * says so; any JSON value is a merge patch.
 */
export function readPatch (request: FastifyRequest): (target: unknown) => unknown {
  if (request.mediaType === JSON_PATCH) {
    refuseTooMany(request.body)
    const patch = parseJsonPatch(request.body)
    return (target) => applyJsonPatch(target, patch)
  }
  return (target) => applyMergePatch(target, request.body)
}

/** Refuses a patch that is far too long before each of its operations is looked at, and found wanting. */
function refuseTooMany (body: unknown): void {
  if (Array.isArray(body) && body.length > MOST_OPERATIONS) {
    throw badRequest([{ in: 'body', pointer: '', detail: `must not have more than ${MOST_OPERATIONS} operations` }])
  }
}
