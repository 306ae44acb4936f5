import type { Random } from '../random.js'
import { isUnfit, readText, type Document, type Operation, type Parameter } from './document.js'
import { STRINGS } from './strings.js'
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

export type Requests = ReturnType<typeof createRequests>

/** Makes requests of the operations of a document, valid ones, and such as are broken in some way. */
export function createRequests (document: Document, values: Values, random: Random) {
  const { operations, keyOf, resolve, takes, methodsOf } = document
  const keys = new Map(operations.map((operation) => [operation, keyOf(operation)]))
  const headerNames = [...new Set(operations.flatMap(({ parameters }) => parameters.filter((parameter) => parameter.in === 'header').map(({ name }) => name)))]
  const breaks = allBreaks()
  return { make, makeFor, spoil }

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

  /** What a request may meet, though nothing is wrong with it. */
  function expectConditions ({ operation, fields, refusals }: Draft): void {
    const has = (name: RegExp) => fields.some((field) => name.test(field[0]))
    if (has(/^if-(none-)?match$/i)) refusals.add(412)
    if (has(/^idempotency-key$/i)) refusals.add(409).add(422)
    if (operation?.responses[409] !== undefined) refusals.add(409)
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

  /** A text that stands for no value which a parameter may have; undefined where none was found. */
  function badText ({ schema, in: part }: Parameter): string | undefined {
    for (let tries = 0; tries < 30; tries++) {
      const text = random.chance(0.5) ? random.pick(TEXTS) : spell(values.bad(schema))
      const found = part === 'header' ? fieldOf(text) : text
      const value = readText(found, schema)
      if ((!takes(schema, value) || (part !== 'header' && isUnfit(value))) && !/[\ud800-\udfff]/.test(found.replaceAll(/[\ud800-\udbff][\udc00-\udfff]/g, ''))) return found
    }
    return undefined
  }

  /** Breaks a request in one way more, if it can be broken in the one that is chosen. */
  function spoil (draft: Draft): void {
    const [name, spoilIt] = breaks[random.below(breaks.length)] ?? raise()
    const statuses = spoilIt(draft)
    if (statuses === undefined) return
    // As much as this is too much to be read.
    if (JSON.stringify([draft.query, draft.fields]).length > 30_000) draft.refusals.add(414).add(431)
    draft.breaks.push(name)
    for (const status of statuses) draft.refusals.add(status)
    if (draft.path.startsWith('/') && statuses.includes(400)) draft.refusals.add(404)
    expectConditions(draft)
  }

  /** Each way to break a request, and the statuses by which it may be refused for that; undefined where it cannot be broken so. */
  function allBreaks (): readonly (readonly [name: string, spoil: (draft: Draft) => readonly number[] | undefined])[] {
    const ofBody = [400, 404, 409, 412, 422]
    return [
      ['an unknown parameter', (draft) => put(draft.query, [400], `${encode(random.pick(['unheard_of', '__proto__', 'constructor', 'Limit', 'limit ', 'a[]', 'a.b', '&']))}${random.pick(['', '=', '=1'])}`)],
      ['a parameter twice', (draft) => {
        const pair = draft.query[random.below(draft.query.length)]
        return pair === undefined ? undefined : put(draft.query, [400], pair)
      }],
      ['a parameter that is not valid', (draft) => {
        const parameter = parameterOf(draft, 'query')
        const text = parameter && badText(parameter)
        return text === undefined || parameter === undefined ? undefined : put(draft.query, [400], `${encode(parameter.name)}=${encode(text)}`)
      }],
      ['a cursor that is none', (draft) => draft.operation?.parameters.some(({ name }) => name === 'cursor') === true ? put(draft.query, [400], `cursor=${encode(random.pick(TEXTS))}`) : undefined],
      ['bad percent-encoding in the query', (draft) => put(draft.query, [400], random.pick(BAD_ENCODINGS))],
      ['bad percent-encoding in the path', (draft) => {
        draft.path += random.pick(BAD_ENCODINGS)
        return lead(draft, [400, 404])
      }],
      ['a path that is not valid', (draft) => {
        const parameter = parameterOf(draft, 'path')
        const text = parameter && badText(parameter)
        if (!text || draft.operation === undefined) return undefined
        draft.path = draft.operation.path.replace(/\{(\w+)\}/g, (_, name: string) => encode(name === parameter.name ? text : '1'))
        return [400, 404]
      }],
      ['another path', (draft) => {
        draft.path = random.pick([`${draft.path}/`, `/${draft.path}`, draft.path.toUpperCase(), `${draft.path}/x/y/z`, `${draft.path};x`, `${draft.path}%2f`, '/unheard_of', '/..', `/x/..${draft.path}`, `/.${draft.path}`])
        return lead(draft, [400, 404, 405])
      }],
      ['a field that is not valid', (draft) => {
        const parameter = parameterOf(draft, 'header')
        const text = parameter && badText(parameter)
        if (text === undefined || parameter === undefined) return undefined
        draft.fields = draft.fields.filter(([name]) => name !== parameter.name)
        return put(draft.fields, [400], [parameter.name, text])
      }],
      ['a field of another operation', (draft) => {
        draft.isDoubtful = true
        return put(draft.fields, [400, 412], [random.pick(['Idempotency-Key', 'If-Match', ...headerNames]), random.pick(['"x"', 'x', '*'])])
      }],
      ['another method', (draft) => {
        if (draft.operation === undefined) return undefined
        const { path } = draft.operation
        const others = ['OPTIONS', 'TRACE', 'PROPFIND', 'QUERY', 'LINK', 'PURGE', 'get', 'FOO', 'M-SEARCH', 'POST', 'PUT', 'PATCH', 'DELETE'].filter((method) => !methodsOf(path).includes(method))
        draft.method = others[random.below(others.length)] ?? 'FOO'
        draft.operation = undefined
        // It is the server itself that knows of some, as QUERY, or not.
        draft.isDoubtful = draft.method === 'OPTIONS'
        return [400, 404, 405, 501]
      }],
      ['a value that is not valid', (draft) => {
        const schema = schemaOf(draft)
        const value = schema && values.bad(schema)
        if (value === undefined || draft.content === undefined) return undefined
        draft.content = Buffer.from(toText(value))
        return ofBody
      }],
      ['content that is no JSON', (draft) => {
        const { content } = draft
        if (content === undefined) return undefined
        const text = content.toString()
        draft.content = random.pick<() => Buffer>([
          () => content.subarray(0, random.below(content.length - 2)),
          () => Buffer.from(`${text}${random.pick([',', '}', ']', 'x', '\0', '{}', '//', '"'])}`),
          () => Buffer.from(text.replaceAll('"', "'") + "'"),
          () => Buffer.from(`{"a":${random.pick(['01', '+1', '.5', '1.', 'NaN', 'Infinity', '-', '0x1', '1e', 'nul', 'True', "'x'", '"\n"', '"\\x"', '"\\u12"', '[1,]', '{"a":1,}', '{a:1}', ',', '"\\ud800"', '1e999'])}}`),
          () => Buffer.from('['.repeat(random.pick([65, 1000, 100_000]))),
          () => Buffer.from(`${'{"a":'.repeat(65)}1${'}'.repeat(65)}`),
          () => Buffer.concat([Buffer.from('"'), Buffer.from([random.pick([0x80, 0xc0, 0xff, 0xed, 0xf5, 0xc3])]), Buffer.from('"')]),
          () => Buffer.from(`[${'0,'.repeat(20_000)}0]`),
          () => Buffer.from(text, 'utf16le'),
          () => Buffer.alloc(0)
        ])()
        return ofBody
      }],
      ['another media type', (draft) => {
        if (draft.content === undefined) return undefined
        draft.fields = draft.fields.filter(([name]) => name !== 'Content-Type')
        const type = random.pick(['', 'text/plain', 'application/xml', 'application/jsonx', 'json', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', ';', 'application/json/x', 'application/*', '*/*', 'application/json, text/plain', 'constructor/__proto__'])
        return put(draft.fields, [415], ...type === '' ? [] : [['Content-Type', type] satisfies [string, string]])
      }],
      ['a content coding', (draft) => draft.content === undefined ? undefined : put(draft.fields, [415], ['Content-Encoding', random.pick(['gzip', 'br', 'deflate', 'identity', 'x', ''])])],
      ['too much content', (draft) => {
        if (draft.content === undefined || random.chance(0.9)) return undefined
        draft.content = Buffer.concat([draft.content], 1024 * 1024 + 1 + random.below(100)).fill(' ', draft.content.length)
        return [413]
      }],
      ['an unknown expectation', (draft) => put(draft.fields, [417], ['Expect', random.pick(['200-ok', '100', 'x', '100-continue, x'])])],
      ['a target that is none', (draft) => {
        draft.path += random.pick(['#', '#x', '?#', 'é'])
        return lead(draft, [400])
      }],
      ['a target that is too long', (draft) => random.chance(0.1) ? put(draft.query, [400, 414, 431], `x=${'y'.repeat(40_000)}`) : undefined],
      ['fields that are too large', (draft) => random.chance(0.1) ? put(draft.fields, [400, 431], ['X-Large', 'y'.repeat(40_000)]) : undefined],
      ['too many fields', (draft) => random.chance(0.1) ? put(draft.fields, [400, 431], ...Array.from({ length: 1001 }, (): [string, string] => ['X', 'y'])) : undefined]
    ]
  }

  /** From now on nobody can tell which operation answers. */
  function lead (draft: Draft, statuses: readonly number[]): readonly number[] {
    draft.operation = undefined
    return [...statuses, 404, 405]
  }

  function parameterOf ({ operation }: Draft, part: Parameter['in']): Parameter | undefined {
    const parameters = operation?.parameters.filter((parameter) => parameter.in === part) ?? []
    return parameters[random.below(parameters.length)]
  }

  function schemaOf ({ operation, fields }: Draft) {
    const type = fields.find(([name]) => name === 'Content-Type')?.[1].replace(/ ?;.*/, '').toLowerCase() ?? ''
    return operation?.requestBody?.content[type]?.schema
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

/** Adds to a part of a request what may be refused with these statuses. */
function put<T> (part: T[], statuses: readonly number[], ...elements: readonly T[]): readonly number[] {
  part.push(...elements)
  return statuses
}

const encode = (text: string): string => encodeURIComponent(text.toWellFormed())

/** The bytes of a text, as a field may have them: each as a character, without controls and white space at the ends. */
const fieldOf = (text: string): string => Buffer.from(text).toString('latin1').replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, '').trim()

/** A value as the text of a parameter. */
const spell = (value: unknown): string => [value].flat().map((one) => typeof one === 'object' ? JSON.stringify(one) : String(one)).join()

/** JSON, even of a number that JavaScript cannot spell in it. */
const toText = (value: unknown): string => JSON.stringify(value, (_, member: unknown) => member === Infinity ? '\0' : member).replaceAll('"\\u0000"', '1e999')

const [first = '', ...rest] = STRINGS
const TEXTS: readonly [string, ...string[]] = [first, ...rest]

const BAD_ENCODINGS = ['%', '%f', '%zz', '%ff', '%c0%80', '%ed%a0%80', '%f5%80%80%80', '%C3', 'name=%'] as const
