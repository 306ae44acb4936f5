// Does every operation at the address that is its argument. `dist/openapi.d.ts` is made from the OpenAPI document.
import assert from 'node:assert/strict'
import createClient from 'openapi-fetch'
import type { components, paths } from './dist/openapi.js'

type ProgrammingLanguage = components['schemas']['ProgrammingLanguage']
type Problem = components['schemas']['Problem']

const baseUrl = process.argv[2]
assert.ok(baseUrl, 'usage: node client.js <address>')
const { GET, POST, PUT, PATCH, DELETE } = createClient<paths>({ baseUrl })
const LANGUAGES = '/programming_languages'
const LANGUAGE = '/programming_languages/{programming_language_id}'

const lisp = await create()
const path = { programming_language_id: lisp.id }
await list()
await view()
const tag = await replace()
await update(tag)
await remove()
await miss()

async function create (): Promise<ProgrammingLanguage> {
  const body = { name: 'LISP', publication_year: 1958, contribution: 'lists' }
  const { data, response } = await POST(LANGUAGES, { body })
  assert.equal(response.status, 201)
  assert.ok(data)
  assert.deepEqual(data, { id: data.id, ...body })
  assert.equal(response.headers.get('location'), `${LANGUAGES}/${data.id}`)
  return data
}

async function list (): Promise<void> {
  const { data } = await GET(LANGUAGES, { params: { query: { after_year: 1957, before_year: 1959, sort: '-name', limit: 1 } } })
  const [first]: ProgrammingLanguage[] = data?.programming_languages ?? []
  assert.deepEqual(first, lisp)
  assert.match(data?.next ?? '', /^\/programming_languages\?/)
}

async function view (): Promise<void> {
  const { data } = await GET(LANGUAGE, { params: { path } })
  assert.deepEqual(data, lisp)
}

async function replace (): Promise<string> {
  const { data, response } = await PUT(LANGUAGE, { params: { path }, body: { ...lisp, name: 'Lisp' } })
  assert.deepEqual(data, { ...lisp, name: 'Lisp' })
  return response.headers.get('etag') ?? ''
}

async function update (tag: string): Promise<void> {
  const merged = await PATCH(LANGUAGE, {
    params: { path, header: { 'If-Match': tag } },
    headers: { 'Content-Type': 'application/merge-patch+json' },
    body: { contribution: 'code is data' }
  })
  assert.deepEqual(merged.data, { ...lisp, name: 'Lisp', contribution: 'code is data' })

  const stale = await PATCH(LANGUAGE, { params: { path, header: { 'If-Match': tag } }, body: { contribution: 'too late' } })
  assert.equal(stale.response.status, 412)
  assert.equal(stale.error?.status, 412)

  const patched = await PATCH(LANGUAGE, {
    params: { path },
    headers: { 'Content-Type': 'application/json-patch+json' },
    body: [{ op: 'replace', path: '/name', value: 'LISP 1.5' }]
  })
  assert.deepEqual(patched.data, { ...lisp, name: 'LISP 1.5', contribution: 'code is data' })
}

async function remove (): Promise<void> {
  const { response } = await DELETE(LANGUAGE, { params: { path } })
  assert.equal(response.status, 204)
}

async function miss (): Promise<void> {
  const { data, error, response } = await GET(LANGUAGE, { params: { path } })
  const problem: Problem | undefined = error
  assert.equal(response.status, 404)
  assert.equal(data, undefined)
  assert.equal(problem?.title, 'Not Found')
}
