import { Type, type TObject } from '@sinclair/typebox'
import type { FastifySchema } from 'fastify'
import type { Keywords } from '../schemas/keywords.js'
import { JsonPatch } from '../schemas/json-patch.js'
import type { Resource } from '../schemas/resource.js'
import { MOST_IN_FIELDS } from '../schemas/text.js'
import { documented } from './components.js'
import { isObject } from '../http/json.js'
import { JSON_PATCH, JSON_TYPE, MERGE_PATCH } from '../http/media-types.js'
import { IdempotencyFields } from '../http/idempotency.js'
import { PreconditionFields as headers } from '../http/preconditions.js'
import { UNCODED } from '../http/reply.js'
import { empty, failures, representation, unsupportedPatch, withoutBody, type FieldName } from './responses.js'

/** Describes the six operations of a resource: the schemas that validate and document them, and the links of their answers. */
export function describeOperations ({ idName, label: { one, many }, title, plural, records: [first], schemas }: Resource) {
  const { params } = schemas
  const tags = [many]
  const querystring = NO_PARAMETERS
  const example = { id: 0, ...first }
  const record = (description: string, ...more: FieldName[]) => representation(description, schemas.record, example, ...more)
  const minimal = (...more: FieldName[]) => withoutBody('The same, to a client that prefers `return=minimal`', 'Content-Location', 'Preference-Applied', ...more)
  const notModified = (...more: FieldName[]) => withoutBody('The client has it already', ...more)
  const links = (pointer: string) => linksTo(['get', 'replace', 'update', 'delete'].map((verb) => verb + title.one), idName, pointer)

  const list = describe({
    operationId: `list${title.many}`,
    summary: `List ${many}`,
    description: `The ${many} that pass every filter, in order, one page at a time. Whoever follows \`next\` to the end sees ` +
      'each that was there throughout exactly once, whatever is created or deleted meanwhile.',
    tags,
    querystring: schemas.query,
    headers,
    response: {
      200: representation(`A page of ${many}`, schemas.page, { [plural]: [example] }, 'Link'),
      304: notModified('Link'),
      ...failures('invalid-request', 'precondition-failed', 'internal', 'unavailable')
    }
  }, { links: { 200: links(`/${plural}/0/id`) } })

  const create = describe({
    operationId: `create${title.one}`,
    summary: `Create a ${one}`,
    description: 'The server gives the id: one that it has never given before. With an `Idempotency-Key`, a request that is sent ' +
      'again creates nothing more, and has the same answer.',
    tags,
    querystring,
    headers: IdempotencyFields,
    body: schemas.creation,
    response: {
      201: record(`The new ${one}; without the body, to a client that prefers \`return=minimal\``, 'Location', 'Idempotency-Replayed', 'Preference-Applied'),
      ...failures('invalid-request', 'still-running', 'content-too-large', 'unsupported-media-type', 'key-reused', 'internal', 'unavailable')
    }
  }, { links: { 201: links('/id') }, mediaTypes: [JSON_TYPE] })

  const view = describe({
    operationId: `get${title.one}`,
    summary: `View a ${one}`,
    description: 'With `If-None-Match`, answers 304 to a client that has it already.',
    tags,
    params,
    querystring,
    headers,
    response: {
      200: record(`The ${one}`),
      304: notModified(),
      ...failures('invalid-request', 'not-found', 'precondition-failed', 'internal', 'unavailable')
    }
  }, { links: { 200: links('/id') } })

  const replace = describe({
    operationId: `replace${title.one}`,
    summary: `Replace a ${one}`,
    description: 'Puts a whole one in its place, and never creates one. With `If-Match`, only if nobody has changed it meanwhile.',
    tags,
    params,
    querystring,
    headers,
    body: schemas.replacement,
    response: {
      200: record(`The ${one} as it is now`, 'Content-Location'),
      204: minimal(),
      ...failures('invalid-request', 'not-found', 'precondition-failed', 'content-too-large', 'unsupported-media-type', 'internal', 'unavailable')
    }
  }, { links: { 200: links('/id') }, mediaTypes: [JSON_TYPE] })

  const update = describe({
    operationId: `update${title.one}`,
    summary: `Update part of a ${one}`,
    description: 'Takes a JSON Merge Patch (RFC 7396), also as plain JSON, or a JSON Patch (RFC 6902). What results must be whole ' +
      'and valid, or nothing changes. With `If-Match`, only if nobody has changed it meanwhile. With an `Idempotency-Key`, a request ' +
      'that is sent again changes nothing more, and has the same answer.',
    tags,
    params,
    querystring,
    headers: Type.Composite([headers, IdempotencyFields]),
    response: {
      200: record(`The ${one} as it is now, or as it was when the same request was answered before`, 'Content-Location', 'Idempotency-Replayed'),
      204: minimal('Idempotency-Replayed'),
      ...failures('invalid-request', 'not-found', 'patch-conflict', 'still-running', 'precondition-failed', 'content-too-large', 'key-reused', 'internal', 'unavailable'),
      415: unsupportedPatch
    }
  }, {
    links: { 200: links('/id') },
    mediaTypes: [MERGE_PATCH, JSON_PATCH, JSON_TYPE],
    // A patch is judged by what results of it, when it is applied.
    documentedOnly: {
      body: {
        content: {
          [MERGE_PATCH]: { schema: schemas.mergePatch },
          [JSON_PATCH]: { schema: { ...JsonPatch, examples: toJsonPatches(schemas.mergePatch) } },
          [JSON_TYPE]: { schema: schemas.mergePatch }
        }
      }
    }
  })

  const remove = describe({
    operationId: `delete${title.one}`,
    summary: `Delete a ${one}`,
    description: 'For good: its id is never given again. With `If-Match`, only if nobody has changed it meanwhile.',
    tags,
    params,
    querystring,
    headers,
    response: {
      204: empty('It is gone'),
      ...failures('invalid-request', 'not-found', 'precondition-failed', 'content-too-large', 'unsupported-media-type', 'internal', 'unavailable')
    }
  })

  return { list, create, view, replace, update, remove }
}

/** An operation without query parameters takes none. */
export const NO_PARAMETERS = Type.Object({}, { additionalProperties: false })

const Field = (description: string, example: string) => Type.Optional(Type.String({ maxLength: MOST_IN_FIELDS, description, examples: [example] }))

/** What every request may have, and is never refused for. */
export const RequestFields = Type.Object({
  'X-Request-Id': Field('The id by which the answer and the log name the request: 1 to 128 visible characters, or else the server chooses one', 'k3x9f2-1a')
})

const PreferenceFields = Type.Object({
  Prefer: Field('`return=minimal` for an answer without the body (RFC 7240)', 'return=minimal')
})

/** The part of a route's options that describes it. */
function describe (schema: FastifySchema & { headers: TObject }, { links = {}, mediaTypes = [], documentedOnly = {} }: {
  links?: Record<string, ReturnType<typeof linksTo>>
  mediaTypes?: readonly string[]
  documentedOnly?: FastifySchema
} = {}) {
  // What takes a body answers with one.
  const headers = Type.Composite([schema.headers, ...mediaTypes.length > 0 ? [PreferenceFields] : [], RequestFields])
  return { ...UNCODED, schema, links, config: { ...documented({ headers, ...documentedOnly }), mediaTypes } }
}

/** The JSON Patches that do what the examples of a merge patch do. */
function toJsonPatches ({ examples = [] }: Keywords): JsonPatch[] {
  return examples.filter(isObject).map((example) => Object.entries(example).map(([name, value]) => ({ op: 'replace', path: `/${name}`, value })))
}

/** Links from an answer, which has an id at `pointer`, to the operations that take it. */
function linksTo (operationIds: readonly string[], idName: string, pointer: string) {
  return Object.fromEntries(operationIds.map((operationId) => [operationId, {
    operationId,
    parameters: { [idName]: `$response.body#${pointer}` },
    description: 'Takes the id that is in the answer'
  }]))
}
