// An app in TypeScript that registers the plugin: it compiles strictly, and checks the declarations of what it imports.

import assert from 'node:assert/strict'
import Fastify from 'fastify'
import programmingLanguages, { createMemoryStore, model, openStore, StoreUnavailable } from 'programming-languages-api'
import type { ApiOptions, NewProgrammingLanguage, ProgrammingLanguage, Store } from 'programming-languages-api'

const records: readonly NewProgrammingLanguage[] = [{ name: 'Ada', publication_year: 1980, contribution: 'packages' }]
const memory: Store = createMemoryStore(model)
const away: Store = { ...memory, get () { throw new StoreUnavailable('it is away') } }
const options: ApiOptions = { store: memory, records, keyLifetime: 60, documentation: true }

const app = Fastify({ logger: { level: 'fatal' } })
await app.register(programmingLanguages, { ...options, prefix: '/api', logLevel: 'fatal', log: app.log })
await app.register(programmingLanguages, { prefix: '/away', store: away })
await app.register(programmingLanguages, { prefix: '/other', store: await openStore('memory:', model, { keyLifetime: 60 }) })
// @ts-expect-error: this store has no methods.
await assert.rejects(async () => await Fastify().register(programmingLanguages, { store: {} }), /store\/get is required/)

const answer = await app.inject('/api/programming_languages/0')
const language: ProgrammingLanguage = answer.json()
assert.deepEqual(language, { id: 0, ...records[0] })
assert.equal((await app.inject({ method: 'POST', url: '/api/programming_languages', payload: { ...language, id: 1 } })).statusCode, 400)
for (const path of ['/api/docs', '/api/openapi.json', '/api/health', '/other/programming_languages']) assert.equal((await app.inject(path)).statusCode, 200, path)
assert.equal((await app.inject('/away/programming_languages/0')).statusCode, 503)
await assert.rejects(async () => await openStore('lmdb:./data', model), { message: 'this store needs the package lmdb: npm install lmdb' })
await assert.rejects(async () => await openStore('postgres://127.0.0.1/', model), { message: 'this store needs the package pg: npm install pg' })
await app.close()
