import { createRandom, type Random } from '../random.js'
import type { Findings } from './findings.js'
import { createJudge } from './judge.js'
import type { Document } from './document.js'
import { openWire, type Answer } from './wire.js'

/** How many connections there are at once. */
const CONNECTIONS = 16

/** For how many milliseconds to wait for an answer to what may be no whole request, before the client ends its side. */
const SHORT = 60

/** For how many milliseconds to wait for what must come. */
const PATIENCE = 10_000

const LIST = '/programming_languages'
const BODY = '{"name":"x","publication_year":1967,"contribution":"x"}'

/** Sends so many requests that are no valid HTTP, or barely, on new connections, on used ones, and right behind requests that are valid. */
export async function sendMalformed (address: string, document: Document, count: number, seed: readonly number[], findings: Findings): Promise<ReadonlyMap<number, number>> {
  const { judge } = createJudge(document)
  const statuses = new Map<number, number>()
  let next = 0
  await Promise.all(Array.from({ length: CONNECTIONS }, async () => {
    while (next < count) {
      const run = next++
      const random = createRandom(...seed, run)
      const { bytes, ...rules } = random.chance(0.3) ? pickCase(random) : { bytes: mutate(random) }
      const trial = { ...rules, bytes, before: random.pick([0, 0, 1, 3]), isApart: random.chance(0.5), endsFirst: random.chance(0.6) }
      await attempt(trial, `${seed.join('-')}-${run}`).catch((error: unknown) => findings.add(String(error), bytes))
    }
  }))
  return statuses

  /** Sends one, on a connection of its own, behind some that are valid. */
  async function attempt ({ bytes, before, isApart, endsFirst, statuses: wanted, isLast = false }: Trial, name: string): Promise<void> {
    const wire = await openWire(address)
    const ids = Array.from({ length: before }, (_, i) => `${name}-${i}`)
    const valid = ids.map((id) => Buffer.from(request('GET', '/health', `X-Request-Id: ${id}\r\n`)))
    const sent = Buffer.concat([...valid, bytes])
    const found = (what: string, answer?: Answer) => findings.add(`${isApart || before === 0 ? '' : 'pipelined, '}${what}`, sent, answer)
    if (!isApart) wire.write(sent)
    for (const [i, id] of ids.entries()) {
      if (isApart) wire.write(valid[i] ?? bytes)
      const answer = await wire.read('GET', PATIENCE)
      if (typeof answer !== 'object' || answer.status !== 200 || answer.fields.get('x-request-id') !== id) return found(`a valid request before it is not answered, but ${describe(answer)}`)
    }
    if (isApart) wire.write(bytes)
    if (endsFirst) wire.end()
    let hasEnded = endsFirst
    let last: Answer | undefined
    for (let answers = 0; ; answers++) {
      const outcome = await wire.read('GET', hasEnded || isOver(last) ? PATIENCE : SHORT)
      if (outcome === 'silent') {
        if (hasEnded || isOver(last)) return found('the server does not end the connection', last)
        wire.end()
        hasEnded = true
        continue
      }
      if (outcome === 'ended') {
        if (last === undefined && !/^[\r\n]*$/.test(bytes.toString('latin1'))) found('it is not answered at all')
        if (last !== undefined && !hasEnded && !isOver(last) && !WITHOUT_BODY.includes(last.status)) found('the server ends the connection, and had not said so', last)
        break
      }
      if (last !== undefined && isOver(last)) found(`there is an answer after the last one, which was a ${last.status}`, outcome)
      if (answers === 0 && wanted?.includes(outcome.status) === false) found(`it is ${outcome.status}, and must be ${wanted.join(' or ')}`, outcome)
      if (isLast && !isOver(outcome)) found('the connection goes on after what is no valid HTTP', outcome)
      for (const fault of judge(outcome, { method: outcome.status < 400 ? 'HEAD' : 'GET' })) if (!/^Allow is /.test(fault)) found(fault, outcome)
      statuses.set(outcome.status, (statuses.get(outcome.status) ?? 0) + 1)
      last = outcome
    }
    wire.close()
  }
}

/** The statuses of what is refused by its header alone: whether its body can be read shows later. */
const WITHOUT_BODY: readonly number[] = [404, 405, 413, 415]

interface Trial {
  readonly bytes: Buffer
  /** How many valid requests come before it on its connection. */
  readonly before: number
  /** Whether these are answered before it is sent. */
  readonly isApart: boolean
  /** Whether the client ends its side of the connection right behind it. */
  readonly endsFirst: boolean
  /** The statuses that its answer may have. */
  readonly statuses?: readonly number[]
  /** Whether its answer must be the last. */
  readonly isLast?: boolean
}

const describe = (outcome: Answer | string): string => typeof outcome === 'object' ? String(outcome.status) : outcome
const isOver = (answer?: Answer): boolean => answer?.fields.get('connection') === 'close'

const request = (method: string, target: string, fields = '', body = ''): string => `${method} ${target} HTTP/1.1\r\nHost: x\r\n${fields}\r\n${body}`
const post = (fields: string, body: string): string => request('POST', LIST, `Content-Type: application/json\r\n${fields}`, body)
const chunked = (...chunks: readonly string[]): string => post('Transfer-Encoding: chunked\r\n', chunks.join(''))

/** Comes behind what must be the last request of its connection: whoever answers it has read a second request in the first. */
const SMUGGLED = request('GET', '/health', 'X-Request-Id: smuggled\r\n')

const BAD = [400] as const
const HEAD = `GET ${LIST} HTTP/1.1\r\n`

/** What is no valid HTTP, and what it is answered with. */
const CASES: readonly (readonly [bytes: string, statuses: readonly number[]])[] = [
  // Two lengths, or none that can be read (RFC 9112, section 6.3).
  ...['Content-Length: 2\r\nContent-Length: 3\r\n', 'Content-Length: 2\r\nTransfer-Encoding: chunked\r\n', 'Transfer-Encoding: chunked\r\nContent-Length: 2\r\n', 'Content-Length: -1\r\n', 'Content-Length: +2\r\n', 'Content-Length: 2.0\r\n', 'Content-Length: 0x2\r\n',
    'Content-Length: 2 2\r\n', 'Content-Length: 2, 3\r\n', 'Content-Length: two\r\n', 'Content-Length: 99999999999999999999999\r\n', 'Content-Length: \u0662\r\n', 'Content-Length : 2\r\n', 'Content-Length\t: 2\r\n', ' Content-Length: 2\r\n'].map((fields) => [post(fields, '{}'), BAD] as const),
  // Transfer codings.
  ...['gzip', 'chunked, gzip', 'gzip, chunked', 'identity', 'xchunked', 'chunked-x', 'x', 'chunked, chunked', '"chunked"', 'chunked;q=1'].map((coding) => [post(`Transfer-Encoding: ${coding}\r\n`, '0\r\n\r\n'), [400, 501]] as const),
  [post('Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip\r\n', '0\r\n\r\n'), [400, 501]],
  [post('Transfer-Encoding : chunked\r\n', '0\r\n\r\n'), BAD],
  [`POST ${LIST} HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, BAD],
  // Chunks.
  ...['g\r\n{}\r\n0\r\n\r\n', '-1\r\n{}\r\n', '0x2\r\n{}\r\n0\r\n\r\n', '+2\r\n{}\r\n0\r\n\r\n', '2 2\r\n{}\r\n', '2\r\n{}x0\r\n\r\n', '2\r\n{}0\r\n\r\n', 'ffffffffffffffffff\r\n{}\r\n', '2\n{}\r\n0\r\n\r\n', '\r\n{}\r\n', '2;\0\r\n{}\r\n0\r\n\r\n', '2\r\n{}\r\n0\r\nX\r\n\r\n', '2\r\n{}\r\n0\r\nX :y\r\n\r\n'].map((body) => [chunked(body), BAD] as const),
  // Hosts.
  [`${HEAD}\r\n`, BAD], [`${HEAD}Host: x\r\nHost: y\r\n\r\n`, BAD], [`${HEAD}Host: x\r\nHost: x\r\n\r\n`, BAD],
  ...['a b', 'x/y', 'x@y', 'x:y', 'x:1:2', '[::1', '[x]', '\u00e9', 'x?', 'x#', '<x>', 'x\\y', '%zz'].map((host) => [`${HEAD}Host: ${host}\r\n\r\n`, BAD] as const),
  // Fields.
  ...['X: a\r\n b\r\n', 'X: a\r\n\tb\r\n', 'X : a\r\n', ': a\r\n', 'X\r\n', 'X Y: a\r\n', 'X\0: a\r\n', 'X: a\0b\r\n', 'X: a\rb\r\n', 'X: a\r\r\n', 'X: \x01\r\n', 'X: \x7f\r\n', 'X\u00e9: a\r\n', 'X(: a\r\n', '"X": a\r\n', ' X: a\r\n', '=\r\n', 'X: a\n\r\n', 'X: a\nY: b\r\n', '\0\r\n'].map((fields) => [request('GET', LIST, fields), BAD] as const),
  // Request lines.
  ...['GET\r\n', 'GET /\r\n', `GET ${LIST}\r\n`, `GET\t${LIST} HTTP/1.1\r\n`, `GET ${LIST} HTTP/1.1 \r\n`, `GET ${LIST} HTTP/1.1x\r\n`, `GET ${LIST} http/1.1\r\n`, `GET ${LIST} HTTP/1\r\n`, `GET ${LIST} HTTP/11\r\n`, `GET ${LIST} HTTP/1.\r\n`, `GET ${LIST} XTTP/1.1\r\n`, `GET ${LIST} HTTP /1.1\r\n`,
    ` GET ${LIST} HTTP/1.1\r\n`, `GET ${LIST} x HTTP/1.1\r\n`, `GET ${LIST}\0 HTTP/1.1\r\n`, `GET ${LIST}\x7f HTTP/1.1\r\n`, `GET ${LIST}\r HTTP/1.1\r\n`, 'GET health HTTP/1.1\r\n', 'GET * HTTP/1.1\r\n', 'GET http:// HTTP/1.1\r\n', 'GET http:///x HTTP/1.1\r\n', 'GET ftp://x/ HTTP/1.1\r\n', 'GET https://x/ HTTP/1.1\r\n', 'GET http://a b/ HTTP/1.1\r\n', 'GET //x:y@/ HTTP/1.1x\r\n', 'G\0T / HTTP/1.1\r\n', 'G(T / HTTP/1.1\r\n', '\u00c9 / HTTP/1.1\r\n'].map((line) => [`${line}Host: x\r\n\r\n`, [400, 501]] as const),
  ...['HTTP/2.0', 'HTTP/3.0', 'HTTP/0.9', 'HTTP/9.9', 'HTTP/1.2', 'HTTP/0.0'].map((version) => [`GET ${LIST} ${version}\r\nHost: x\r\n\r\n`, [400, 505]] as const),
  ...['FOO', 'get', 'Get', 'CONNECT'].map((method) => [request(method, method === 'CONNECT' ? 'x:80' : LIST), [501]] as const),
  // Other protocols.
  ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', [400, 501, 505]],
  ['\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03' + '\xab'.repeat(64), BAD],
  ['SSH-2.0-OpenSSH_9.6\r\n\r\n', [400, 501]], ['EHLO x\r\n\r\n', [400, 501]], ['\x00\x00\x00\x17\xffSMB\r\n\r\n', BAD], ['HTTP/1.1 200 OK\r\n\r\n', BAD], ['*1\r\n$4\r\nPING\r\n\r\n', [400, 501]], ['\x80\x2e\x01\x00\x02', BAD], ['\x05\x01\x00', BAD],
  // Too much.
  [request('GET', `/${'x'.repeat(40_000)}`), [414]], [request('GET', `/health?x=${'x'.repeat(40_000)}`), [414]], [request('GET', LIST, `X: ${'x'.repeat(40_000)}\r\n`), [431]], [request('GET', LIST, `X${'x'.repeat(40_000)}: y\r\n`), [431]],
  [request('GET', LIST, Array.from({ length: 8000 }, (_, i) => `X${i}: y\r\n`).join('')), [431]]
]

function pickCase (random: Random): { bytes: Buffer, statuses: readonly number[], isLast: boolean } {
  const [text, statuses] = CASES[random.below(CASES.length)] ?? ['', BAD]
  return { bytes: Buffer.from(text + (random.chance(0.5) ? SMUGGLED : ''), 'latin1'), statuses, isLast: true }
}

/** Valid requests, which even where they are mutated create nothing. */
const TEMPLATES = [
  request('GET', LIST), request('GET', `${LIST}/0`, 'If-None-Match: "x"\r\nAccept: */*\r\n'), request('GET', `${LIST}?limit=1&sort=-name&name=a%20b`), request('GET', '/openapi.json', 'If-None-Match: *\r\n'), request('OPTIONS', `${LIST}/0`), request('OPTIONS', '*'),
  request('GET', `http://x${LIST}`), `GET ${LIST} HTTP/1.0\r\n\r\n`, `GET ${LIST} HTTP/1.0\r\nConnection: keep-alive\r\n\r\n`, request('GET', '/health', 'Connection: close\r\n'), request('GET', '/health', 'Connection: upgrade\r\nUpgrade: h2c\r\n'),
  post('Content-Length: 12\r\n', '{"name":"x"}'), post('Content-Length: 12\r\nExpect: 100-continue\r\n', '{"name":"x"}'), chunked('5;a=b\r\n{"nam\r\n', '7\r\ne":"x"}\r\n', '0\r\nX: y\r\n\r\n'), post('Content-Length: 2\r\nContent-Encoding: gzip\r\n', '{}'), request('POST', LIST, 'Content-Length: 3\r\n', 'abc'),
  request('PUT', `${LIST}/0`, `Content-Type: application/json\r\nContent-Length: ${BODY.length}\r\n`, BODY), request('PATCH', `${LIST}/0`, 'Content-Type: application/merge-patch+json\r\nContent-Length: 12\r\nIdempotency-Key: k\r\n', '{"name":"y"}'), request('DELETE', `${LIST}/999999999`, 'If-Match: "x"\r\n')
] as const

const SPECIAL = ['\r', '\n', '\r\n', '\0', '\t', ' ', ':', ',', ';', '"', '\xff', '\x80', '\x7f', '/', '#', '%', '0', '\r\n\r\n', '\n\n', ' HTTP/1.1\r\n', '\r\n ', 'Host: y\r\n', 'Content-Length: 5\r\n', 'Transfer-Encoding: chunked\r\n', 'Connection: close\r\n', 'x'.repeat(9000)] as const

/** A valid request, or two, with some of it changed. */
function mutate (random: Random): Buffer {
  let text = random.pick(TEMPLATES) + (random.chance(0.2) ? random.pick(TEMPLATES) : '')
  for (let times = random.pick([1, 1, 2, 3]); times > 0; times--) text = change(text, random)
  return Buffer.from(text, 'latin1')
}

function change (text: string, random: Random): string {
  const at = random.below(text.length + 1)
  const [before, after] = [text.slice(0, at), text.slice(at)]
  const length = 1 + random.below(12)
  const lines = text.split('\r\n')
  const line = random.below(lines.length)
  return random.pick<() => string>([
    () => before + String.fromCharCode(after.charCodeAt(0) ^ (1 << random.below(8)) || 0) + after.slice(1),
    () => before + random.pick(SPECIAL) + after,
    () => before + random.pick(SPECIAL) + after.slice(1),
    () => before + after.slice(length),
    () => before + after.slice(0, length) + after,
    () => before,
    () => after,
    () => text + text,
    () => lines.toSpliced(line, 1).join('\r\n'),
    () => lines.toSpliced(line, 0, lines[line] ?? '').join('\r\n'),
    () => lines.toSpliced(line, 2, ...lines.slice(line, line + 2).reverse()).join('\r\n'),
    () => text.replaceAll('\r\n', random.pick(['\n', '\r', '\n\r', '\r\r\n'])),
    () => text + random.pick(SPECIAL)
  ])()
}
