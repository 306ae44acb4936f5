import zlib from 'node:zlib'
import { Type } from '@sinclair/typebox'
import fc from 'fast-check'
import fastify, { type FastifyInstance } from 'fastify'
import t from 'tap'
import { model, openStore } from '../../app.js'
import { createApi, defineResource } from '../../index.js'
import { preferredCoder } from '../../http/content-coding.js'
import { build, call, LANGUAGE } from '../build.js'

const LIST = '/programming_languages'
const LONG = `${LIST}?limit=1000`
const ITEM = `${LIST}/500`

type Decode = (content: Buffer) => Buffer
const { brotliDecompressSync, zstdDecompressSync, gunzipSync }: { brotliDecompressSync: Decode, zstdDecompressSync?: Decode, gunzipSync: Decode } = zlib
const DECODERS = Object.entries({ br: brotliDecompressSync, zstd: zstdDecompressSync, gzip: gunzipSync }).filter((entry): entry is [string, Decode] => entry[1] !== undefined)
const CODINGS = DECODERS.map(([coding]) => coding)

const records = Array.from({ length: 1000 }, (_, i) => ({ ...LANGUAGE, name: `Simula ${i}`, publication_year: 1900 + i % 100 }))

/** Sends a request, and decodes what it is answered with. */
async function ask (app: FastifyInstance, request: string, fields: Record<string, string> = {}) {
  const [method, url = ''] = request.split(' ')
  const { statusCode: status, headers, rawPayload } = await app.inject({ method: method as 'GET', url, headers: fields })
  const coding = String(headers['content-encoding'] ?? 'identity')
  const decode = new Map<string, Decode>(method === 'HEAD' ? [] : DECODERS).get(coding) ?? ((content) => content)
  return { status, headers, coding, etag: String(headers.etag), length: rawPayload.length, text: decode(rawPayload).toString() }
}

t.test('a page that is too large to be kept has one coding, and one tag', async (t) => {
  const app = fastify()
  t.teardown(() => app.close())
  const book = defineResource({ name: 'book', plural: 'books', description: 'Read', properties: { text: Type.String() } })
  await app.register(createApi({ resources: [book] }), { records: Array.from({ length: 17 }, () => ({ text: 'x'.repeat(1_000_000) })) })
  const { coding, etag, headers } = await ask(app, 'GET /books', { 'accept-encoding': 'br' })
  t.match({ coding, vary: headers.vary }, { coding: 'identity', vary: undefined })
  t.equal((await ask(app, 'GET /books', { 'accept-encoding': 'br', 'if-match': etag })).status, 200)
  t.equal((await ask(app, 'GET /books', { 'accept-encoding': 'br', 'if-none-match': etag })).status, 304)
  t.equal((await ask(app, 'GET /books', { 'accept-encoding': 'br', 'if-none-match': etag.replace(/"$/, '-br"') })).status, 200)
})

t.test('a long page is sent in the coding that is asked for, under a tag of its own', async (t) => {
  const app = build(t, { records })
  const plain = await ask(app, `GET ${LONG}`)
  t.match(plain, { status: 200, coding: 'identity', headers: { vary: 'Accept-Encoding', 'content-encoding': undefined } })
  const etags = new Map([['identity', plain.etag]])
  for (const coding of CODINGS) {
    const fields = { 'accept-encoding': coding }
    for (const time of ['made', 'kept']) {
      const answer = await ask(app, `GET ${LONG}`, fields)
      t.match(answer, { status: 200, coding, text: plain.text, headers: { vary: 'Accept-Encoding', 'content-type': 'application/json; charset=utf-8', 'content-length': String(answer.length) } }, `${coding}, ${time}`)
      t.ok(answer.length < plain.length / 4)
      etags.set(coding, answer.etag)
      const { date: _, ...expected } = answer.headers
      t.match(await ask(app, `HEAD ${LONG}`, fields), { status: 200, headers: expected, length: 0 })
    }
  }
  t.equal(new Set(etags.values()).size, etags.size)
  for (const etag of etags.values()) t.match(etag, /^"[\w-]+"$/, 'a strong one')

  for (const [coding, etag] of etags) {
    for (const [known, tag] of etags) {
      for (const method of ['GET', 'HEAD']) {
        for (const field of [tag, `W/${tag}`]) {
          const { status, headers, length } = await ask(app, `${method} ${LONG}`, { 'accept-encoding': coding, 'if-none-match': field })
          t.match({ status, etag: headers.etag, vary: headers.vary }, { status: coding === known ? 304 : 200, etag, vary: 'Accept-Encoding' }, `${coding} to who has ${known}`)
          if (status === 304) t.same([headers['content-encoding'], headers['content-length'], length], [undefined, undefined, 0])
        }
        t.equal((await ask(app, `${method} ${LONG}`, { 'accept-encoding': coding, 'if-match': tag })).status, coding === known ? 200 : 412)
      }
    }
    t.equal((await ask(app, `GET ${LONG}`, { 'accept-encoding': coding, 'if-none-match': '*' })).status, 304)
  }
})

t.test('whatever is written, a coded page is the page of then', async (t) => {
  const app = build(t, { records })
  const fields = { 'accept-encoding': 'br' }
  const early = ask(app, `GET ${LONG}`, fields)
  const { text: before } = await ask(app, `GET ${LONG}`)
  const { body } = await call(app, `PUT ${ITEM}`, { body: { ...LANGUAGE, name: 'another' } })
  const old = await early
  t.match(old, { status: 200, coding: 'br', text: before })
  const now = await ask(app, `GET ${LONG}`, { ...fields, 'if-none-match': old.etag })
  t.match(now, { status: 200, coding: 'br', text: (await ask(app, `GET ${LONG}`)).text })
  t.same(JSON.parse(now.text).programming_languages[500], body)
  t.not(now.etag, old.etag)

  const [first, elsewhere] = [`${LIST}?limit=100`, `${LIST}/900`]
  const { etag } = await ask(app, `GET ${first}`, fields)
  t.equal((await call(app, `PUT ${elsewhere}`, { body: LANGUAGE })).status, 200)
  t.match(await ask(app, `GET ${first}`, { ...fields, 'if-none-match': etag }), { status: 304, etag }, 'a write elsewhere')
})

t.test('who asks at the same time gets the same', async (t) => {
  const app = build(t, { records })
  const { text, headers: { link } } = await ask(app, `GET ${LIST}?limit=500`)
  const answers = await Promise.all(Array.from({ length: 20 }, () => CODINGS.map((coding) => ask(app, `GET ${LIST}?limit=500`, { 'accept-encoding': coding }))).flat())
  for (const [i, answer] of answers.entries()) t.match(answer, { status: 200, coding: CODINGS[i % CODINGS.length], text, headers: { link } })
})

t.test('records, short pages and problems have no coding', async (t) => {
  const app = build(t, { records })
  for (const target of [ITEM, `${LIST}?limit=5`, `${LIST}?limit=0`, `${LIST}/5000`, '/openapi.json', '/health']) {
    for (const [method, more] of [['GET', {}], ['HEAD', {}], ['GET', { 'if-none-match': '*' }]] as const) {
      const { headers } = await ask(app, `${method} ${target}`, { 'accept-encoding': 'br, zstd, gzip, identity;q=0', ...more })
      t.same([headers['content-encoding'], headers.vary], [undefined, undefined], `${method} ${target}`)
    }
  }
})

t.test('pages of a store that cannot tell whether there was a write are not kept, and not coded', async (t) => {
  const { revision: _, ...store } = await openStore('memory:', model)
  const app = build(t, { store, records })
  for (const fields of [{}, { 'accept-encoding': 'br' }]) t.match(await ask(app, `GET ${LONG}`, fields), { status: 200, coding: 'identity', headers: { vary: undefined } })
})

/** What a client gets by its `Accept-Encoding`. */
const NEGOTIATED: [field: string, coding: string][] = [
  ['br', 'br'], ['gzip', 'gzip'], ['x-gzip', 'gzip'], ['X-GZip;Q=0.5', 'gzip'], ['BR', 'br'], ['*', 'br'], ['identity, *', 'br'],
  ['gzip, deflate', 'gzip'], ['deflate, gzip;q=1.0, *;q=0.5', 'gzip'], ['gzip, deflate, br', 'br'], ['gzip, br', 'br'], ['gzip;q=1.0, br;q=0.9', 'gzip'],
  ['br;q=0.001, gzip;q=0.002', 'gzip'], ['gzip ; q=0.5\t, br ;\tq=0.4', 'gzip'], [', ,gzip,,', 'gzip'], ['*;q=0, gzip', 'gzip'], ['br;q=0, *;q=0.1, zstd;q=0', 'gzip'],
  ['gzip;q=0.5, identity', 'identity'], ['gzip;q=0.5, identity;q=0.5', 'gzip'], ['gzip;q=0.5, identity;q=0.4', 'gzip'], ['identity;q=0, gzip;q=0.001', 'gzip'],
  ['', 'identity'], [' ', 'identity'], ['identity', 'identity'], ['deflate', 'identity'], ['compress, x-compress, br2, dcb', 'identity'], ['gzip;q=0', 'identity'], ['gzip;q=0.000', 'identity'],
  ['*;q=0', 'identity'], ['identity;q=0', 'identity'], ['identity;q=0, *;q=0', 'identity'], ['br;q=0, gzip;q=0, zstd;q=0, *', 'identity'],
  // What breaks the grammar names nothing.
  ['gzip;q=2', 'identity'], ['gzip;q=1.001', 'identity'], ['gzip;q=0.1234', 'identity'], ['gzip;q=.5', 'identity'], ['gzip;q=-1', 'identity'], ['gzip;q=', 'identity'], ['gzip;level=9', 'identity'],
  ['gzip br', 'identity'], ['"gzip"', 'identity'], ['gzip;q=2, br', 'br'], ['constructor', 'identity'], ['__proto__, gzip', 'gzip']
]

t.test('the coding is the one that the client likes best', async (t) => {
  const app = build(t, { records })
  for (const [field, coding] of NEGOTIATED) {
    for (const time of ['parsed', 'known']) t.match(await ask(app, `GET ${LONG}`, { 'accept-encoding': field }), { status: 200, coding }, `${time}: ${JSON.stringify(field)}`)
  }
  t.equal(preferredCoder({}), undefined)
})

const name = fc.constantFrom('br', 'zstd', 'gzip', 'identity', '*', 'deflate')
const element = fc.record({ name, thousandths: fc.option(fc.constantFrom(0, 1, 250, 500, 999, 1000)), isUpper: fc.boolean(), space: fc.constantFrom('', ' ', '\t ') })

t.test('no coding that a client takes is liked better than the one that is chosen', async (t) => {
  fc.assert(fc.property(fc.uniqueArray(element, { selector: ({ name }) => name }), (elements) => {
    const field = elements.map(({ name, thousandths, isUpper, space }) => {
      const weight = thousandths === null ? '' : `${space};${space}q=${thousandths / 1000}`
      return space + (isUpper ? name.toUpperCase() : name) + weight + space
    }).join(',')
    const weights = new Map<string, number>(elements.map(({ name, thousandths }) => [name, thousandths ?? 1000]))
    const weightOf = (coding: string) => weights.get(coding) ?? weights.get('*') ?? 0
    const chosen = preferredCoder({ 'accept-encoding': field })?.coding ?? 'identity'
    const most = Math.max(...CODINGS.map(weightOf))
    if (chosen === 'identity') t.ok(most === 0 || most < weightOf('identity'), field)
    else t.ok(weightOf(chosen) > 0 && weightOf(chosen) >= weightOf('identity') && chosen === CODINGS.find((coding) => weightOf(coding) === most), field)
  }))
})

t.test('a very long field is read quickly', (t) => {
  const started = performance.now()
  for (const part of [',', ' ', 'a', 'a;q=0.1,', ';', '\t,']) preferredCoder({ 'accept-encoding': part.repeat(16_000) })
  t.ok(performance.now() - started < 5000)
  t.end()
})
