import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import { brotliCompressSync, constants } from 'node:zlib'
import { address, records } from './settings.mjs'

// The limit: what a read needs is prepared, a write only parses, keeps and stringifies. Nothing is validated.

const PATH = '/programming_languages'
const ITEM = `${PATH}/`
const JSON_TYPE = 'application/json; charset=utf-8'

/** By id: the year, the text and, once it was asked for, the prepared answer. */
const entries = new Map()
/** The answers to list requests, by their targets. A write empties it. */
const pages = new Map()
/** The texts by year. A write throws it away. */
let textsByYear
let nextId = 0

for (const record of records) keep(nextId++, record)

createServer((request, response) => {
  const { method, url } = request
  if (method === 'GET') {
    if (url.startsWith(ITEM)) view(request, response, entries.get(Number(url.slice(ITEM.length))))
    else list(request, response, url)
  } else {
    const chunks = []
    request.on('data', (chunk) => chunks.push(chunk))
    request.on('end', () => {
      const body = JSON.parse(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks))
      if (method === 'POST') create(response, body)
      else replace(response, Number(url.slice(ITEM.length)), body)
    })
  }
}).listen(address)

function view (request, response, entry) {
  if (entry === undefined) return notFound(response)
  entry.answer ??= prepareView(entry.text)
  const { etag, headers, body } = entry.answer
  if (request.headers['if-none-match'] === etag) response.writeHead(304, ['ETag', etag]).end()
  else response.writeHead(200, headers).end(body)
}

function prepareView (text) {
  const etag = `"${createHash('sha256').update(text).digest('base64url')}"`
  const { headers, body } = prepare(text)
  return { etag, headers: [...headers, 'ETag', etag], body }
}

function list (request, response, url) {
  let page = pages.get(url)
  if (page === undefined) pages.set(url, page = prepareList(url))
  if (request.headers['accept-encoding'] === 'br') page = page.coded ??= prepareCoded(page)
  response.writeHead(200, page.headers).end(page.body)
}

/** The same page in a content coding, at the quality of the product, so that both send the same bytes. */
function prepareCoded ({ body }) {
  const coded = brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } })
  return { headers: ['Content-Type', JSON_TYPE, 'Content-Encoding', 'br', 'Content-Length', coded.length], body: coded }
}

function prepareList (url) {
  const query = new URLSearchParams(url.slice(PATH.length))
  const texts = query.has('after_year') ? textsOf(Number(query.get('after_year')) + 1) : allTexts()
  return prepare(`{"programming_languages":[${texts.slice(0, query.get('limit') ?? 100).join(',')}]}`)
}

const allTexts = () => Array.from(entries.values(), ({ text }) => text)

/** The filter of the benchmark is always for one year. */
function textsOf (year) {
  textsByYear ??= groupByYear()
  return textsByYear.get(year).map(({ text }) => text)
}

function groupByYear () {
  const groups = new Map()
  for (const entry of entries.values()) {
    const group = groups.get(entry.year)
    if (group === undefined) groups.set(entry.year, [entry])
    else group.push(entry)
  }
  return groups
}

function create (response, body) {
  const id = nextId++
  const text = keep(id, body)
  response.writeHead(201, ['Content-Type', JSON_TYPE, 'Content-Length', Buffer.byteLength(text), 'Location', ITEM + id]).end(text)
}

function replace (response, id, body) {
  if (!entries.has(id)) return notFound(response)
  const text = keep(id, body)
  response.writeHead(200, ['Content-Type', JSON_TYPE, 'Content-Length', Buffer.byteLength(text)]).end(text)
}

function keep (id, { name, publication_year: year, contribution }) {
  const text = JSON.stringify({ id, name, publication_year: year, contribution })
  entries.set(id, { year, text, answer: undefined })
  textsByYear = undefined
  if (pages.size > 0) pages.clear()
  return text
}

function prepare (text) {
  const body = Buffer.from(text)
  return { headers: ['Content-Type', JSON_TYPE, 'Content-Length', body.length], body }
}

function notFound (response) {
  response.writeHead(404, ['Content-Length', 0]).end()
}
