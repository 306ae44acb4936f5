import type { IncomingHttpHeaders } from 'node:http'

/** The media types that this API speaks. */
export const JSON_TYPE = 'application/json'
/** The same with the charset that Fastify adds to JSON, though JSON has but one (RFC 8259, section 8.1). */
export const JSON_UTF8 = 'application/json; charset=utf-8'
export const MERGE_PATCH = 'application/merge-patch+json'
export const JSON_PATCH = 'application/json-patch+json'
export const PROBLEM_JSON = 'application/problem+json'

/** The media type of a body, without its parameters (RFC 9110, section 8.3.1). Fastify has it by itself only from later versions than 5.0 on. */
export function mediaTypeOf ({ 'content-type': field = '' }: IncomingHttpHeaders): string {
  return field.replace(/;.*$/s, '').trim().toLowerCase()
}
