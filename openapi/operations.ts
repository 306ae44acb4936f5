import { Type, type TObject, type TProperties, type TSchema } from '@sinclair/typebox'
import type { Keywords } from '../schemas/keywords.js'
import { JsonPatch } from '../schemas/json-patch.js'
import type { ProblemName } from '../schemas/problem-kinds.js'
import type { Resource } from '../schemas/resource.js'
import { MOST_IN_FIELDS } from '../schemas/text.js'
import { documented } from './components.js'
import { isObject } from '../http/json.js'
import { JSON_PATCH, JSON_TYPE, MERGE_PATCH } from '../http/media-types.js'
import { IdempotencyFields } from '../http/idempotency.js'
import { PreconditionFields } from '../http/preconditions.js'
import { UNCODED } from '../http/reply.js'
import { empty, failures, Field, representation, unsupportedPatch, withoutBody, type FieldName } from './responses.js'

/** Describes the six operations of a resource: the schemas that validate and document them, and the links of their answers. */
export function describeOperations ({ ids, key, label: { one, many }, title, plural, example, operations, unique, schemas }: Resource) {
  const { params } = schemas
  const isOwn = ids === 'own'
  const duplicate: ProblemName[] = isOwn || unique.length > 0 ? ['duplicate'] : []
  const record = (description: string, ...more: FieldName[]) => representation(description, schemas.record, example, ...more)
  const minimal = (...more: FieldName[]) => withoutBody('The same, to a client that prefers `return=minimal`', 'Content-Location', 'Preference-Applied', ...more)
  const notModified = (...more: FieldName[]) => withoutBody('The client has it already', ...more)

  const list = describe(`list${title.many}`, `List ${many}`, {
    description: `The ${many} that pass every filter, in order, one page at a time. Whoever follows \`next\` to the end sees ` +
      'each that was there throughout exactly once, whatever is created or deleted meanwhile.',
    querystring: schemas.query,
    headers: PreconditionFields,
    hints: ListHints,
    answers: {
      200: representation(`A page of ${many}`, schemas.page, example && { [plural]: [example] }, 'Link', 'Vary', 'Content-Encoding'),
      304: notModified('Link', 'Vary')
    },
    failures: ['precondition-failed'],
    record: `/${plural}/0`
  })

  const create = describe(`create${title.one}`, `Create a ${one}`, {
    description: `${isOwn ? `Of those with the same ${key.join(' and ')}, there can be one only: another is 409, with its \`Location\`.` : 'The server gives the id: one that it has never given before.'} With an \`Idempotency-Key\`, a request that is sent ` +
      'again creates nothing more, and has the same answer. There are no preconditions: with `If-Match` or `If-None-Match`, it is 400.',
    headers: IdempotencyFields,
    refused: refuse(['If-Match', 'If-None-Match'], 'must not be in a POST, because there is nothing yet to compare with'),
    hints: WriteHints,
    body: schemas.creation,
    answers: {
      201: record(`The new ${one}; without the body, to a client that prefers \`return=minimal\``, 'Location', 'Idempotency-Replayed', 'Preference-Applied')
    },
    failures: [...duplicate, 'still-running', 'content-too-large', 'unsupported-media-type', 'key-reused']
  })

  const view = describe(`get${title.one}`, `View a ${one}`, {
    description: 'With `If-None-Match`, answers 304 to a client that has it already.',
    params,
    headers: PreconditionFields,
    answers: { 200: record(`The ${one}`), 304: notModified() },
    failures: ['not-found', 'precondition-failed']
  })

  const replace = describe(`replace${title.one}`, `Replace a ${one}`, {
    description: `Puts a whole one in its place, ${isOwn ? 'or creates it: with `If-None-Match: *`, it does nothing else.' : 'and never creates one.'} With \`Content-Range\`, it is 400. ` +
      'With `If-Match`, only if nobody has changed it meanwhile.',
    params,
    headers: PreconditionFields,
    // RFC 9110, section 14.5.
    refused: refuse(['Content-Range'], 'must not be in a PUT, which takes the whole'),
    hints: WriteHints,
    body: schemas.replacement,
    answers: { 200: record(`The ${one} as it is now`, 'Content-Location'), ...isOwn && { 201: record(`The new ${one}; without the body, to a client that prefers \`return=minimal\``, 'Content-Location', 'Preference-Applied') }, 204: minimal() },
    failures: [...isOwn ? [] : ['not-found' as const], ...duplicate, 'precondition-failed', 'content-too-large', 'unsupported-media-type']
  })

  const update = describe(`update${title.one}`, `Update part of a ${one}`, {
    description: 'Takes a JSON Merge Patch (RFC 7396), also as plain JSON, or a JSON Patch (RFC 6902). What results must be whole ' +
      'and valid, or nothing changes. With `If-Match`, only if nobody has changed it meanwhile. With an `Idempotency-Key`, a request ' +
      'that is sent again changes nothing more, and has the same answer.',
    params,
    headers: Type.Composite([PreconditionFields, IdempotencyFields]),
    hints: WriteHints,
    patches: {
      [MERGE_PATCH]: { schema: schemas.mergePatch },
      [JSON_PATCH]: { schema: { ...JsonPatch, examples: toJsonPatches(schemas.mergePatch) } },
      [JSON_TYPE]: { schema: schemas.mergePatch }
    },
    answers: {
      200: record(`The ${one} as it is now, or as it was when the same request was answered before`, 'Content-Location', 'Idempotency-Replayed'),
      204: minimal('Idempotency-Replayed'),
      415: unsupportedPatch
    },
    failures: ['not-found', 'patch-conflict', ...duplicate, 'still-running', 'precondition-failed', 'content-too-large', 'key-reused']
  })

  const remove = describe(`delete${title.one}`, `Delete a ${one}`, {
    description: `For good: its ${isOwn ? `${key.join(' and ')} may be used again` : 'id is never given again'}. With \`If-Match\`, only if nobody has changed it meanwhile. A body, which can only be JSON, means nothing.`,
    params,
    headers: PreconditionFields,
    answers: { 204: empty('It is gone') },
    failures: ['not-found', 'precondition-failed', 'content-too-large', 'unsupported-media-type']
  })

  return { list, create, view, replace, update, remove }

  /** Makes the part of a route's options that says what it is. */
  function describe (operationId: string, summary: string, { description, answers, failures: names, record = '', ...operation }: Operation) {
    const { headers, refused = {}, hints = RequestFields, patches, ...request } = operation
    const schema = {
      operationId,
      summary,
      description,
      tags: [many],
      querystring: NO_PARAMETERS,
      ...request,
      headers: Type.Object({ ...headers.properties, ...refused }),
      response: { ...answers, ...failures(...names) }
    }
    const [[status, answer] = ['', {}]] = Object.entries(answers)
    const links = 'content' in answer ? { [status]: linksFrom(record) } : {}
    const more = { headers: Type.Composite([headers, hints]), ...patches && { body: { content: patches } } }
    return { ...UNCODED, schema, links, config: { ...documented(more), mediaTypes: Object.keys(patches ?? { [JSON_TYPE]: {} }) } }
  }

  /** Links from an answer, which has a record at `pointer`, to the operations that take what identifies it. */
  function linksFrom (pointer: string) {
    const parameters = Object.keys(params.properties).map((name, i) => [name, `$response.body#${pointer}/${key[i]}`] as const)
    const verbs = ITEM_VERBS.filter(([operation]) => operations[operation] !== false).map(([, verb]) => verb)
    return Object.fromEntries(verbs.map((verb) => [verb + title.one, {
      operationId: verb + title.one,
      parameters: Object.fromEntries(parameters),
      description: `Takes the ${key.join(' and the ')} that ${key.length === 1 ? 'is' : 'are'} in the answer`
    }]))
  }
}

/** The operations of one record, with the first words of their operationIds. */
const ITEM_VERBS = [['view', 'get'], ['replace', 'replace'], ['update', 'update'], ['remove', 'delete']] as const

/** An operation without query parameters takes none. */
export const NO_PARAMETERS = Type.Object({}, { additionalProperties: false })

/** The fields that every request may have, and is never refused for. */
export const RequestFields = Type.Object({
  'X-Request-Id': Type.Optional(Field('The id by which the answer and the log name the request: 1 to 128 visible characters, or else the server chooses one', 'k3x9f2-1a', MOST_IN_FIELDS))
})

/** The same for lists, of which a long page may be coded. */
const ListHints = Type.Composite([Type.Object({
  'Accept-Encoding': Type.Optional(Field('The content codings that the client takes (RFC 9110, section 12.5.3)', 'br, gzip', MOST_IN_FIELDS))
}), RequestFields])

/** The same for writes, which are answered with what they have made. */
const WriteHints = Type.Composite([Type.Object({
  Prefer: Type.Optional(Field('`return=minimal` for an answer without the body (RFC 7240)', 'return=minimal', MOST_IN_FIELDS))
}), RequestFields])

/** Fields that ask for what an operation cannot do: it would be wrong to do it without what they ask. */
function refuse (names: readonly string[], why: string): TProperties {
  return Object.fromEntries(names.map((name) => [name, Type.Optional(Type.Never({ 'x-messages': { not: why } }))]))
}

/** An operation, beside its names. */
interface Operation {
  description: string
  params?: TSchema
  querystring?: TObject
  /** The fields that it looks at. */
  headers: TObject
  /** The fields that it is refused for. Only the description names them. */
  refused?: TProperties
  /** The fields that it heeds, if they say something, and is never refused for. */
  hints?: TObject
  body?: TSchema
  /** The schemas of the patches that it takes in place of a body, by their media types. A patch is judged by what results of it, when it is applied. */
  patches?: Readonly<Record<string, { schema: TSchema }>>
  /** Its answers by their status, that with a body first. */
  answers: Readonly<Record<number, object>>
  /** The problems that it can end with, beside those of every operation. */
  failures: readonly ProblemName[]
  /** Where a record is in the body of its first answer, if that has one, as a JSON Pointer. Default: it is all of it. */
  record?: string
}

/** The JSON Patches that do what the examples of a merge patch do. */
function toJsonPatches ({ examples = [] }: Keywords): JsonPatch[] {
  return examples.filter(isObject).map((example) => Object.entries(example).map(([name, value]) => ({ op: 'replace', path: `/${name}`, value })))
}
