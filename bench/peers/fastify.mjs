import Fastify from 'fastify'
import { create, languages, list, replace } from './languages.mjs'
import { address } from './settings.mjs'

// As its documentation teaches: schemas for what comes in and goes out, and handlers that return objects.

const fields = {
  name: { type: 'string' },
  publication_year: { type: 'integer' },
  contribution: { type: 'string' }
}
const language = { type: 'object', properties: { id: { type: 'integer' }, ...fields } }
const body = { type: 'object', required: Object.keys(fields), properties: fields }
const params = { type: 'object', properties: { id: { type: 'integer' } } }
const querystring = {
  type: 'object',
  properties: {
    after_year: { type: 'integer', default: 0 },
    before_year: { type: 'integer', default: 30000 },
    limit: { type: 'integer', default: 100 }
  }
}
const page = { type: 'object', properties: { programming_languages: { type: 'array', items: language } } }

const fastify = Fastify()

fastify.get('/programming_languages', { schema: { querystring, response: { 200: page } } }, async (request) => {
  return { programming_languages: list(request.query) }
})

fastify.get('/programming_languages/:id', { schema: { params, response: { 200: language } } }, async (request, reply) => {
  return languages.get(request.params.id) ?? reply.callNotFound()
})

fastify.post('/programming_languages', { schema: { body, response: { 201: language } } }, async (request, reply) => {
  const created = create(request.body)
  reply.code(201).header('location', `/programming_languages/${created.id}`)
  return created
})

fastify.put('/programming_languages/:id', { schema: { params, body, response: { 200: language } } }, async (request, reply) => {
  return replace(request.params.id, request.body) ?? reply.callNotFound()
})

await fastify.listen(address)
