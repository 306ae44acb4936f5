import type { TSchema } from '@sinclair/typebox'
import type { FastifyRequest } from 'fastify'
import { JsonPatch } from '../schemas/json-patch.js'
import { applyJsonPatch } from './json-patch.js'
import { JSON_PATCH } from './media-types.js'
import { applyMergePatch } from './merge-patch.js'
import { removeSurplus } from './surplus.js'
import { compileParser } from './validation.js'

const parseJsonPatch = compileParser(JsonPatch, 'body')

/**
 * What a PATCH makes of a target, as its media type has it, and how many unknown members were left out of that because too
 * many others are in it. Throws 400 where the body is no JSON Patch though it says so, and 409 where it is one that does
 * not apply; any JSON value is a merge patch, and `mergePatch` says which members it may name.
 */
export function applyPatch ({ mediaType, body }: FastifyRequest, target: unknown, mergePatch: TSchema): { result: unknown, surplus: number } {
  if (mediaType === JSON_PATCH) return { result: applyJsonPatch(target, parseJsonPatch(body)), surplus: 0 }
  const surplus = removeSurplus(body, mergePatch)
  return { result: applyMergePatch(target, body), surplus }
}
