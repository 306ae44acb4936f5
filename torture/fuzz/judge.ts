import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import type { Document, Operation, Response } from './document.js'
import type { Answer } from './wire.js'

/** What an answer is one to. */
export interface Asked {
  readonly method: string
  /** The operation of the document; undefined where the path or the method is none of it. */
  readonly operation?: Operation | undefined
  /** The methods of the path, if it is one of the document. */
  readonly methods?: readonly string[] | undefined
  /** The `X-Request-Id`, if it is one. */
  readonly id?: string | undefined
}

/** The fields of every message, which the document leaves to HTTP. */
const OF_HTTP: ReadonlySet<string> = new Set(['content-type', 'content-length', 'date', 'connection', 'keep-alive'])

/** Fields that are there whenever the document has them. */
const ALWAYS = ['etag', 'cache-control', 'x-content-type-options']

/** Fields of which an answer with some status must have one. */
const OF_STATUS: Readonly<Record<number, readonly string[]>> = {
  405: ['allow'], 415: ['accept', 'accept-patch', 'accept-encoding'], 429: ['retry-after'], 503: ['retry-after']
}

/** Of the content codings that requests ask for. */
const DECODERS = new Map<string, (content: Buffer) => Buffer>([['br', brotliDecompressSync], ['gzip', gunzipSync]])

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Judges answers by a document alone. */
export function createJudge ({ operations, takes, problem }: Document) {
  const statuses = new Map(operations.map((operation) => [operation, statusesOf(operation.responses.default)]))
  return { judge, read }

  /** Lists in what an answer is not what the document says. */
  function judge (answer: Answer, { method, operation, methods = [], id }: Asked): string[] {
    const { status, fields, content } = answer
    const faults: string[] = []
    const expect = (holds: boolean | undefined, why: string) => { if (holds !== true) faults.push(why) }
    if (operation === undefined) {
      expect((status === 204 && method === 'OPTIONS') || (status >= 400 && content.length > 0) || method === 'HEAD', 'what is no operation is answered with a problem')
      if (status === 204 || status === 405) expect(fields.get('allow') === [...methods, 'OPTIONS'].join(', '), `Allow is ${fields.get('allow')}, and the methods are ${methods.join()}`)
      if (status >= 400) judgeBody({ content: { 'application/problem+json': { schema: problem } } })
    } else {
      const response = operation.responses[status] ?? (statuses.get(operation)?.has(status) === true ? operation.responses.default : undefined)
      expect(response !== undefined, `${operation.operationId} has no status ${status}`)
      if (response !== undefined) {
        judgeFields(response)
        judgeBody(response)
      }
    }
    expect(status < 500 || status === 501 || status === 505, 'the server is at fault')
    expect(!Number.isNaN(Date.parse(fields.get('date') ?? '')), 'there is no Date')
    expect(OF_STATUS[status]?.some((name) => fields.has(name)) ?? true, `a ${status} has none of the fields ${OF_STATUS[status]?.join()}`)
    // What could not be read ends the connection, and has no id.
    const isOurs = id === undefined || fields.get('connection') === 'close'
    expect(isOurs || fields.get('x-request-id') === id, `X-Request-Id is ${fields.get('x-request-id')}`)
    if (status >= 400 && method !== 'HEAD') {
      const { status: said, instance } = Object(read(answer))
      expect(said === status, `the problem says that its status is ${said}`)
      expect(isOurs || instance === `urn:request:${encodeURIComponent(id ?? '')}`, `the problem says that its instance is ${instance}`)
    }
    return faults

    function judgeFields ({ headers = {} }: Response): void {
      const declared = new Map(Object.entries(headers).map(([name, { schema }]) => [name.toLowerCase(), schema]))
      for (const [name, value] of fields) {
        const schema = declared.get(name)
        if (!OF_HTTP.has(name)) expect(schema !== undefined && takes(schema, schema.type === 'integer' ? Number(value) : value), `the field ${name}: ${value} is not as declared`)
      }
      for (const name of ALWAYS) if (declared.has(name)) expect(fields.has(name), `there is no ${name}`)
      expect(/^("[\x21\x23-\x7e]+")?$/.test(fields.get('etag') ?? ''), `the tag is ${fields.get('etag')}`)
    }

    function judgeBody ({ content: types }: Response): void {
      const type = fields.get('content-type')
      if (content.length === 0 && type === undefined && fields.get('preference-applied') === 'return=minimal') return
      if (types === undefined) return expect(content.length === 0 && type === undefined, 'there is content where the document has none')
      const schema = types[type?.replace(/; charset=utf-8$/, '') ?? '']?.schema
      if (schema === undefined) return expect(false, `the content is ${type}, and may be ${Object.keys(types).join()}`)
      if (method !== 'HEAD') expect(takes(schema, read(answer)), 'the content is not as its schema says')
    }
  }

  /** The JSON of an answer, decoded; undefined where it is none. */
  function read ({ content, fields }: Answer): unknown {
    try {
      const decode = DECODERS.get(fields.get('content-encoding') ?? '') ?? ((content) => content)
      return JSON.parse(utf8.decode(decode(content)))
    } catch {
      return undefined
    }
  }
}

/** The statuses that a `default` names in its examples and its description: others are not meant by it. */
const statusesOf = (response?: Response): ReadonlySet<number> => new Set(Array.from(JSON.stringify(response ?? '').matchAll(/"status":(\d{3})|\b([45]\d\d) for /g), ([, status = 0, other = 0]) => Number(status) || Number(other)))
