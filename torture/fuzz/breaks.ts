import type { Random } from '../random.js'
import { isUnfit, readText, type Document, type Parameter } from './document.js'
import { expectConditions, type Draft } from './requests.js'
import { encode, fieldOf, spell } from './spelling.js'
import { STRINGS } from './strings.js'
import type { Values } from './values.js'

/** A way to break a request, which gives the statuses by which it may be refused for that; undefined where it cannot be broken so. */
type Break = readonly [name: string, spoil: (draft: Draft) => readonly number[] | undefined]

/** Gives the function that breaks a request of a document in one way more, if it can be broken in the one that is chosen. */
export function createBreaks ({ operations, takes, methodsOf }: Document, values: Values, random: Random): (draft: Draft) => void {
  const headerNames = [...new Set(operations.flatMap(({ parameters }) => parameters.filter((parameter) => parameter.in === 'header').map(({ name }) => name)))]
  const breaks = allBreaks()
  return spoil

  function spoil (draft: Draft): void {
    const [name, spoilIt] = random.pick(breaks)
    const statuses = spoilIt(draft)
    if (statuses === undefined) return
    // As much as this is too much to be read.
    if (JSON.stringify([draft.query, draft.fields]).length > 30_000) draft.refusals.add(414).add(431)
    draft.breaks.push(name)
    for (const status of statuses) draft.refusals.add(status)
    if (draft.path.startsWith('/') && statuses.includes(400)) draft.refusals.add(404)
    expectConditions(draft)
  }

  function allBreaks (): readonly [Break, ...Break[]] {
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
}

/** Adds to a part of a request what may be refused with these statuses. */
function put<T> (part: T[], statuses: readonly number[], ...elements: readonly T[]): readonly number[] {
  part.push(...elements)
  return statuses
}

/** JSON, even of a number that JavaScript cannot spell in it. */
const toText = (value: unknown): string => JSON.stringify(value, (_, member: unknown) => member === Infinity ? '\0' : member).replaceAll('"\\u0000"', '1e999')

const [first = '', ...rest] = STRINGS
const TEXTS: readonly [string, ...string[]] = [first, ...rest]

const BAD_ENCODINGS = ['%', '%f', '%zz', '%ff', '%c0%80', '%ed%a0%80', '%f5%80%80%80', '%C3', 'name=%'] as const
