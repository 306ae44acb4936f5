import { isUnfit, type Document, type Operation } from './document.js'
import type { Findings } from './findings.js'
import { toBytes } from './generated.js'
import { REFUSED, TAKEN, UNFIT } from './json-texts.js'
import { createJudge } from './judge.js'
import { LONE_SURROGATES, STRINGS } from './strings.js'
import type { Fields, Subject } from './subjects.js'
import { openWire, type Answer, type Wire } from './wire.js'

/** How many texts are tried at once, each on a connection of its own. */
const CONNECTIONS = 4

const JSON_TYPE = 'application/json'
const MERGE_PATCH = 'application/merge-patch+json'
const JSON_PATCH = 'application/json-patch+json'

/** Sends each of the texts wherever a body, a value, a name, a filter or a field can have it. What is taken comes back as it was sent. Gives how many requests that were. */
export async function sendTexts (address: string, document: Document, subject: Subject, findings: Findings): Promise<number> {
  const { list, texts, open } = subject
  const { operations, takes } = document
  const { judge, read } = createJudge(document)
  const create = find('POST', list)
  const item = operations.find(({ method, path }) => method === 'PUT' && path.startsWith(list))
  const lists = find('GET', list)
  if (create === undefined || item === undefined || lists === undefined) throw new Error(`the document has not all operations of ${list}`)
  const creation = create.requestBody?.content[JSON_TYPE]?.schema ?? {}
  const canonical = (value: unknown) => JSON.stringify(value)
  let made = 0
  let requests = 0

  const trials = [
    ...[...new Set([...STRINGS, ...LONE_SURROGATES])].flatMap((text) => [
      ...texts.map((name) => (client: Client) => tryValue(client, name, text)),
      (client: Client) => tryName(client, text),
      (client: Client) => tryPath(client, text),
      (client: Client) => tryKey(client, text),
      (client: Client) => tryId(client, text)
    ]),
    ...[...TAKEN.map((text) => ({ text, isTaken: true })), ...[...REFUSED, ...UNFIT].map((text) => ({ text, isTaken: false }))].flatMap(({ text, isTaken }) => [
      (client: Client) => tryBody(client, text, isTaken),
      ...[...new Set([texts[0] ?? '', texts.at(-1) ?? '', open ?? ''])].filter((name) => name !== '').map((name) => (client: Client) => tryMember(client, name, text, isTaken))
    ])
  ]
  await Promise.all(Array.from({ length: CONNECTIONS }, async () => {
    const client = createClient()
    for (let trial = trials.pop(); trial !== undefined; trial = trials.pop()) {
      await trial(client).catch((error: unknown) => findings.add(error instanceof Error ? String(error.stack) : String(error)))
    }
    client.close()
  }))
  return requests

  type Client = ReturnType<typeof createClient>

  function find (method: string, path: string): Operation | undefined {
    return operations.find((operation) => operation.method === method && operation.path === path)
  }

  function isKey (name: string): boolean {
    return item?.path.includes(`{${name}}`) === true
  }

  function createClient () {
    let wire: Wire | undefined
    return { send, close: () => wire?.close() }

    /** Sends a request whose answer must have one of these statuses, and be as the document says. */
    async function send (method: string, path: string, wanted: readonly number[], content?: Buffer, fields: [string, string][] = []): Promise<{ answer: Answer, body: unknown }> {
      wire ??= await openWire(address)
      const bytes = toBytes({ method, path, query: [], fields, content })
      wire.write(bytes)
      const answer = await wire.read(method)
      requests++
      if (typeof answer !== 'object') throw new Error(`${method} ${path} is not answered, but ${answer}`)
      const operation = operations.find((operation) => operation.method === method && (path.split('?')[0] === list ? operation.path === list : operation.path.startsWith(`${list}/`)))
      const faults = [...judge(answer, { method, operation }), ...wanted.includes(answer.status) ? [] : [`it is ${answer.status}, and must be ${wanted.join(' or ')}`]]
      for (const fault of faults) findings.add(fault, bytes, answer)
      if (answer.fields.get('connection') === 'close') {
        wire.close()
        wire = undefined
      }
      return { answer, body: read(answer) }
    }
  }

  function same (found: unknown, wanted: unknown, what: string): void {
    if (canonical(found) !== canonical(wanted)) findings.add(`${what}: ${canonical(found)} has come back, and not ${canonical(wanted)}`)
  }

  /** A text as the value of a property: written in each way, read in each, filtered by. */
  async function tryValue (client: Client, name: string, text: string): Promise<void> {
    const record = { ...subject.make(made++), [name]: text }
    const isTaken = takes(creation, record) && !isUnfit(text)
    const { answer, body } = await client.send('POST', list, isTaken ? [201] : [400], toJson(record), TYPED)
    await tryFilters(client, name, text, answer.status === 201 ? Object(body) : undefined)
    const path = answer.fields.get('location')
    if (answer.status !== 201 || path === undefined) return
    same(Object(body)[name], text, `POST of ${name}`)
    const whole = answer.content.toString()
    const other = isKey(name) ? record : { ...record, [name]: `other ${made++}` }
    same((await client.send('GET', path, [200])).answer.content.toString(), whole, `GET of ${name}`)
    await client.send('PUT', path, [200], toJson(other), TYPED)
    same((await client.send('PUT', path, [200], toJson(record), TYPED)).answer.content.toString(), whole, `PUT of ${name}`)
    await client.send('PUT', path, [200], toJson(other), TYPED)
    same((await client.send('PATCH', path, [200], toJson({ [name]: text }), [['Content-Type', MERGE_PATCH]])).answer.content.toString(), whole, `PATCH of ${name}`)
    await client.send('PUT', path, [200], toJson(other), TYPED)
    const patch = [{ op: 'replace', path: `/${name}`, value: text }, { op: 'test', path: `/${name}`, value: text }]
    same((await client.send('PATCH', path, [200], toJson(patch), [['Content-Type', JSON_PATCH]])).answer.content.toString(), whole, `JSON Patch of ${name}`)
    same((await client.send('GET', path, [200])).answer.content.toString(), whole, `GET of ${name} after all`)
    await client.send('DELETE', path, [204])
  }

  /** The list by each filter of a property that takes a text. */
  async function tryFilters (client: Client, name: string, text: string, record: Fields | undefined): Promise<void> {
    for (const suffix of ['', '_prefix', '_gte', '_in']) {
      const parameter = lists?.parameters.find((parameter) => parameter.name === name + suffix)
      if (parameter === undefined) continue
      const value = suffix === '_in' ? text.split(',') : text
      const isTaken = takes(parameter.schema, value) && !isUnfit(value)
      const encoded = [encodeURIComponent(text.toWellFormed()), encodeText(text)]
      for (const spelling of text.isWellFormed() ? encoded : encoded.slice(1)) {
        const { body } = await client.send('GET', `${list}?${name}${suffix}=${spelling}&limit=1000`, isTaken ? [200] : [400])
        const records: Fields[] = Object(body)[list.slice(1)] ?? []
        if (!isTaken) continue
        const wrong = records.filter(({ [name]: found }) => !PASSES[suffix]?.(String(found), text))
        if (wrong.length > 0) findings.add(`the filter ${name}${suffix} by ${canonical(text)} lets pass ${canonical(wrong[0])}`)
        const isThere = records.some((found) => canonical(found) === canonical(record))
        if (record !== undefined && (PASSES[suffix]?.(text, text) ?? false) && !isThere) findings.add(`the filter ${name}${suffix} by ${canonical(text)} does not find it`)
      }
    }
  }

  /** A text as the name of a member: one that nobody knows, and, in an open object, one like any other. */
  async function tryName (client: Client, text: string): Promise<void> {
    const record = withMember(subject.make(made++), text, 'x')
    const { answer } = await client.send('POST', list, takes(creation, record) && !isUnfit(record) ? [201] : [400], toJson(record), TYPED)
    await forget(client, answer)
    if (open !== undefined) await tryMember(client, open, toJson(withMember({ b: 1 }, text, [withMember({}, text, text)])), !isUnfit(text))
  }

  async function tryPath (client: Client, text: string): Promise<void> {
    const { answer } = await client.send('GET', `${list}/${encodeText(text)}`, /^\d+$/.test(text) ? [200, 400, 404] : [400, 404])
    if (answer.status === 400 && text !== '') await client.send('DELETE', `${list}/${encodeText(text)}`, [400])
  }

  /** The bytes of a text as an Idempotency-Key, as far as a field can have them. */
  async function tryKey (client: Client, text: string): Promise<void> {
    const key = toField(text)
    const schema = create?.parameters.find(({ name }) => name === 'Idempotency-Key')?.schema ?? {}
    const fields: [string, string][] = [...TYPED, ['Idempotency-Key', key], ['Authorization', `x ${made}`]]
    const content = toJson(subject.make(made++))
    const wanted = takes(schema, key) ? [201] : [400]
    const [first, second] = [await client.send('POST', list, wanted, content, fields), await client.send('POST', list, wanted, content, fields)]
    if (first.answer.status !== 201) return
    same([second.answer.content.toString(), second.answer.fields.get('idempotency-replayed')], [first.answer.content.toString(), 'true'], `the replay with the key ${canonical(key)}`)
    await forget(client, first.answer)
  }

  async function tryId (client: Client, text: string): Promise<void> {
    const id = toField(text)
    for (const [method, path] of [['GET', `${list}?limit=1`], ['GET', `${list}/unheard_of`]] as const) {
      const { answer } = await client.send(method, path, [200, 400, 404], undefined, [['X-Request-Id', id]])
      same(answer.fields.get('x-request-id'), /^[\x21-\x7e]{1,128}$/.test(id) ? id : undefined, `the X-Request-Id ${canonical(id)}`)
    }
  }

  /** A text as the whole body of each write. */
  async function tryBody (client: Client, text: Buffer, isJson: boolean): Promise<void> {
    const { answer } = await client.send('POST', list, [201], toJson(subject.make(made++)), TYPED)
    const path = answer.fields.get('location') ?? ''
    const patch = operations.find((operation) => operation.method === 'PATCH' && operation.path === item?.path)
    for (const [method, target, type, schema] of [
      ['POST', list, JSON_TYPE, creation], ['PUT', path, JSON_TYPE, item?.requestBody?.content[JSON_TYPE]?.schema],
      ...Object.entries(patch?.requestBody?.content ?? {}).map(([type, { schema }]) => ['PATCH', path, type, schema] as const)
    ] as const) {
      for (const spelling of isJson ? [text, Buffer.concat([Buffer.from('\ufeff'), text])] : [text]) {
        const isTaken = isJson && takes(schema ?? {}, JSON.parse(text.toString()))
        await client.send(method, target, isTaken ? method === 'PATCH' ? [200, 409] : [200, 201] : [400], spelling, [['Content-Type', type]])
      }
    }
    same((await client.send('GET', path, [200])).answer.content.toString(), answer.content.toString(), `the record after ${canonical(text.toString())}`)
    await forget(client, answer)
  }

  /** A text as the value of a property; in an open object, as the value of a member. */
  async function tryMember (client: Client, name: string, text: Buffer, isJson: boolean): Promise<void> {
    const { [name]: _, ...others } = subject.make(made++)
    const member = name === open ? Buffer.concat([Buffer.from('{"x":'), text, Buffer.from(',"y":['), text, Buffer.from(']}')]) : text
    const whole = Buffer.concat([Buffer.from(`${canonical(others).slice(0, -1)},"${name}":`), member, Buffer.from('}')])
    const record: Fields | undefined = isJson ? JSON.parse(whole.toString()) : undefined
    const isTaken = record !== undefined && takes(creation, record)
    const { answer, body } = await client.send('POST', list, isTaken ? [201] : [400], whole, TYPED)
    const path = answer.fields.get('location')
    if (!isTaken || path === undefined) return
    same(Object(body)[name], record[name], `POST of ${name}`)
    same(Object((await client.send('GET', path, [200])).body)[name], record[name], `GET of ${name}`)
    if (!isKey(name)) await client.send('PUT', path, [200], toJson({ ...others, [name]: subject.make(made)[name] }), TYPED)
    same(Object((await client.send('PUT', path, [200], whole, TYPED)).body)[name], record[name], `PUT of ${name}`)
    const { body: patched } = await client.send('PATCH', path, [200], toJson([{ op: 'test', path: `/${name}`, value: record[name] }, { op: 'copy', from: `/${name}`, path: `/${name}` }]), [['Content-Type', JSON_PATCH]])
    same(Object(patched)[name], record[name], `JSON Patch of ${name}`)
    await forget(client, answer)
  }

  async function forget (client: Client, { status, fields }: Answer): Promise<void> {
    const path = fields.get('location')
    if (status === 201 && path !== undefined) await client.send('DELETE', path, [204])
  }
}

const TYPED: [string, string][] = [['Content-Type', JSON_TYPE]]

/** What each filter of a text lets pass: both are compared by code points. */
const PASSES: Readonly<Record<string, (found: string, asked: string) => boolean>> = {
  '': (found, asked) => found === asked,
  _prefix: (found, asked) => found.startsWith(asked),
  _gte: (found, asked) => Buffer.compare(Buffer.from(found), Buffer.from(asked)) >= 0,
  _in: (found, asked) => asked.split(',').includes(found)
}

const toJson = (value: unknown): Buffer => Buffer.from(JSON.stringify(value))

/** An object with one member more, whatever its name is. */
const withMember = (fields: Fields, name: string, value: unknown): Fields => Object.fromEntries([...Object.entries(fields), [name, value]])

/** The bytes of a text, each percent-encoded; of half a character those that it would have, which are no UTF-8. */
function encodeText (text: string): string {
  return Array.from(text, (character) => {
    const bytes = character.isWellFormed() ? Buffer.from(character) : Buffer.from([0xed, 0xa0 | ((character.charCodeAt(0) >> 6) & 0x1f), 0x80 | (character.charCodeAt(0) & 0x3f)])
    return Array.from(bytes, (byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')
  }).join('')
}

/** The bytes of a text as a field can have them: without controls, and without white space at its ends. */
const toField = (text: string): string => Buffer.from(text).toString('latin1').replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, '').replaceAll(/^[\t ]+|[\t ]+$/g, '')
