import type { IncomingHttpHeaders } from 'node:http'
import { Type } from '@sinclair/typebox'
import { MOST_IN_FIELDS } from '../schemas/text.js'
import { HttpError } from './error.js'

// RFC 9110, section 8.8.3: entity-tag = [ "W/" ] DQUOTE *etagc DQUOTE; section 5.6.1: empty elements of a list are ignored.
const ENTITY_TAG = '(W/)?"[\\x21\\x23-\\x7e\\x80-\\xff]*"'
const ELEMENT = `(${ENTITY_TAG}[ \\t]*)?`
const ENTITY_TAGS = `^[ \\t]*(\\*[ \\t]*|${ELEMENT}(,[ \\t]*${ELEMENT})*)$`

const EntityTags = (description: string) => Type.Optional(Type.String({
  pattern: ENTITY_TAGS,
  maxLength: MOST_IN_FIELDS,
  examples: ['"eTdJWpfJvGSEjw5YJHrvAk"'],
  description,
  'x-messages': { pattern: 'must be * or a comma-separated list of entity-tags, each in double quotes (RFC 9110, section 13.1)' }
}))

/** The fields that make a request conditional. */
export const PreconditionFields = Type.Object({
  'If-Match': EntityTags('Act only on a representation with one of these entity-tags, each in double quotes, or with any (`*`)'),
  'If-None-Match': EntityTags('Act only on a representation with none of these entity-tags, each in double quotes; `*` matches every one')
})

/** Throws 412 where a write must not happen to what has this entity-tag, or none because it is not there (RFC 9110, section 13.2.2). */
export function checkPreconditions (headers: IncomingHttpHeaders, etag: string | undefined): void {
  if (etag === undefined && headers['if-match'] !== undefined) throw failed('If-Match names a version, but there is none')
  // A read would be answered with 304.
  if (etag !== undefined && isNotModified(headers, etag)) throw failed('If-None-Match names the version that is there')
}

/** Tells whether the answer to a read may be 304; throws 412 where `If-Match` forbids the read (RFC 9110, section 13.2.2). */
export function isNotModified (headers: IncomingHttpHeaders, etag: string): boolean {
  if (!ifMatch(headers, etag)) throw failed('If-Match names another version: what is there has changed since it was read')
  return ifNoneMatch(headers, etag)
}

const failed = (why: string) => new HttpError('precondition-failed', why)

/** RFC 9110, section 13.1.1: true where the field is absent; compared strongly, so a weak tag never matches. */
function ifMatch ({ 'if-match': field }: IncomingHttpHeaders, etag: string): boolean {
  return field === undefined || field.trim() === '*' || tagsOf(field).includes(etag)
}

/** RFC 9110, section 13.1.2: true where a tag of the field matches, compared weakly. */
function ifNoneMatch ({ 'if-none-match': field }: IncomingHttpHeaders, etag: string): boolean {
  if (field === undefined) return false
  return field === etag || field.trim() === '*' || tagsOf(field).some((tag) => tag.replace(/^W\//, '') === etag)
}

/** The entity-tags of a field, whatever is between them. */
export const tagsOf = (field: string) => [...field.matchAll(new RegExp(ENTITY_TAG, 'g'))].map(([tag]) => tag)
