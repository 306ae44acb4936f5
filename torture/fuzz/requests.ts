import type { Random } from '../random.js'
import { isUnfit, readText, type Document, type Operation, type Parameter } from './document.js'
import { encode, fieldOf, spell } from './spelling.js'
import type { Values } from './values.js'

/** A request that is being made. */
export interface Draft {
  method: string
  /** Undefined as soon as it is certain that it is none of the document. */
  operation: Operation | undefined
  /** The segments of the path, as they are sent. */
  path: string
  query: string[]
  fields: [name: string, value: string][]
  content: Buffer | undefined
  /** The JSON value that the content is, where it is one. */
  value?: unknown
  /** What was broken, in words. */
  readonly breaks: string[]
  /** The statuses of the client's faults that may come of it, beside those of what it meets. */
  readonly refusals: Set<number>
  /** Whether it need not be refused, though it may be. */
  isDoubtful: boolean
}

/** The text of each parameter of an item's path. */
export type Place = Readonly<Record<string, string>>

/** What a client has seen, and may ask for again. */
export interface Seen {
  readonly places: readonly Place[]
  readonly tags: readonly string[]
  readonly nexts: readonly string[]
}

/** Makes valid requests of the operations of a document. */
export function createRequests (document: Document, values: Values, random: Random) {
  const { operations, keyOf, resolve, takes } = document
  const keys = new Map(operations.map((operation) => [operation, keyOf(operation)]))
  return { make, makeFor }

  /** A valid request, of any operation. */
  function make (seen: Seen): Draft {
    return makeFor(operations[random.below(operations.length)] ?? raise(), seen)
  }

  function makeFor (operation: Operation, { places, tags, nexts }: Seen, place = placeFor(operation, places)): Draft {
    const next = nexts[random.below(nexts.length)]
    const isNext = operation.method === 'GET' && next?.split('?')[0] === operation.path && random.chance(0.3)
    const draft: Draft = {
      method: operation.method === 'GET' && random.chance(0.15) ? 'HEAD' : operation.method,
      operation,
      path: operation.path.replace(/\{(\w+)\}/g, (_, name: string) => encode(place[name] ?? '')),
      query: isNext ? next.split('?')[1]?.split('&') ?? [] : [],
      fields: [],
      content: undefined,
      breaks: [],
      // Others may have deleted it.
      refusals: new Set(operation.path.includes('{') ? [404] : []),
      isDoubtful: false
    }
    for (const parameter of operation.parameters) {
      const { name, schema } = parameter
      // A cursor can only be taken from an answer.
      if (parameter.in === 'query' && !isNext && name !== 'cursor' && random.chance(0.2)) draft.query.push(`${encode(name)}=${encode(goodText(parameter))}`)
      if (parameter.in === 'header' && random.chance(0.15)) addField(name, /^If-/.test(name) && random.chance(0.5) ? random.pick(['*', tags.at(-1) ?? '"x"', `"y", ${tags.at(-1) ?? ','}`, 'W/"x"', '"x"']) : fieldOf(goodText({ in: 'header', name, schema })))
    }
    if (operation.requestBody !== undefined) addContent(draft, operation, place)
    // Where none is asked for, content means nothing.
    else if (random.chance(0.05)) addUnaskedContent(draft)
    if (random.chance(0.2)) addField(...noise())
    expectConditions(draft)
    return draft

    function addField (name: string, value: string): void {
      draft.fields.push([name, value])
    }
  }

  function addContent (draft: Draft, operation: Operation, place: Place): void {
    const types = Object.entries(operation.requestBody?.content ?? {})
    const [type = '', { schema } = { schema: {} }] = types[random.below(types.length)] ?? []
    draft.value = values.good(schema)
    // A patch is judged by what results of it, which no schema of its own can tell.
    if (Array.isArray(draft.value) || (operation.method === 'PATCH' && Object.values(Object(draft.value)).some((member) => typeof member === 'object'))) {
      draft.refusals.add(400)
    }
    if (typeof draft.value === 'object' && !Array.isArray(draft.value)) {
      const { properties = {} } = resolve(schema)
      const known = (keys.get(operation) ?? []).flatMap(([parameter, property]): [string, unknown][] => {
        const isSent = resolve(properties[property] ?? {}).readOnly !== true || random.chance(0.3)
        return property in properties && isSent ? [[property, readText(place[parameter.name] ?? '', parameter.schema)]] : []
      })
      draft.value = { ...draft.value, ...Object.fromEntries(known) }
    }
    draft.fields.push(['Content-Type', random.pick([type, type, type.toUpperCase(), `${type}; charset=utf-8`, `${type} ;x=y`])])
    draft.content = write(draft.value)
  }

  function addUnaskedContent (draft: Draft): void {
    draft.fields.push(['Content-Type', 'application/json'])
    draft.content = write(values.anything())
    draft.isDoubtful = true
  }

  /** A JSON text, in one of its spellings. */
  function write (value: unknown): Buffer {
    const text = JSON.stringify(value) ?? 'null'
    return Buffer.from(random.pick<() => string>([
      () => text,
      () => text,
      () => JSON.stringify(value, null, random.pick<string>([' ', '\t', '  '])).replaceAll('\n', random.pick(['\n', '\r\n', '\r'])),
      () => text.replaceAll(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
      () => `\ufeff${text}`,
      () => ` \n${text}\t `
    ])())
  }

  function placeFor (operation: Operation, places: readonly Place[]): Place {
    const parameters = (keys.get(operation) ?? []).map(([parameter]) => parameter)
    const known = places[random.below(places.length)]
    if (known !== undefined && random.chance(0.85) && parameters.every(({ name }) => name in known)) return known
    return Object.fromEntries(parameters.map((parameter) => [parameter.name, goodText(parameter)]))
  }

  /** A text that stands for a value which a parameter may have. */
  function goodText ({ schema, in: part }: Parameter): string {
    for (let tries = 0; tries < 30; tries++) {
      const text = spell(values.good(schema))
      const found = part === 'header' ? fieldOf(text) : text
      const value = readText(found, schema)
      // A path has but one spelling of each value, and no empty segment.
      if (takes(schema, value) && !isUnfit(value) && (part !== 'path' || (String(value) === text && text !== ''))) return found
    }
    return String(schema.examples?.[0])
  }

  /** Fields that change nothing, whatever they say. */
  function noise (): [string, string] {
    return random.pick<[string, string]>([
      ['Range', 'bytes=0-9'], ['Range', 'x=1'], ['Accept', 'text/html'], ['Accept', '*/*;q=0'], ['Accept-Encoding', 'gzip, br'], ['Prefer', 'return=minimal'], ['Prefer', 'x="'], ['Prefer', 'return=representation, respond-async'],
      ['If-Modified-Since', 'Thu, 01 Jan 1970 00:00:00 GMT'], ['If-Unmodified-Since', 'x'], ['If-Range', '"x"'], ['Cookie', 'a=b; c'], ['X-Forwarded-For', "'"], ['X-HTTP-Method-Override', 'DELETE'],
      ['X-Request-Id', 'x'.repeat(129)], ['X-Request-Id', 'a b'], ['X-Request-Id', 'é'], ['traceparent', '00-x'], ['Via', '1.1 x'], ['Upgrade-Insecure-Requests', '1'], ['TE', 'trailers'], ['Trailer', 'X'], ['Origin', 'null'], ['Date', 'yesterday'],
      ['Expect', '100-continue'], ['Cache-Control', 'only-if-cached'], ['__proto__', 'x'], ['constructor', 'x'], ['X', '']
    ])
  }
}

function raise (): never {
  throw new Error('the document has no operation')
}

/** Notes what a request may meet, though nothing is wrong with it. */
export function expectConditions ({ operation, fields, refusals }: Draft): void {
  const has = (name: RegExp) => fields.some((field) => name.test(field[0]))
  if (has(/^if-(none-)?match$/i)) refusals.add(412)
  if (has(/^idempotency-key$/i)) refusals.add(409).add(422)
  if (operation?.responses[409] !== undefined) refusals.add(409)
}
