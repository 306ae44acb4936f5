import Fastify from 'fastify'
import { Type } from '@sinclair/typebox'
import { createApi, defineResource, HttpError } from 'programming-languages-api'

const USERS = { 'Bearer a': 'ann', 'Bearer b': 'bob' }
const time = Type.String({ format: 'date-time', readOnly: true })

const notes = defineResource({
  name: 'note',
  plural: 'notes',
  description: 'A note, which only its owner may change',
  properties: {
    text: Type.String({ maxLength: 1000 }),
    owner: Type.String({ maxLength: 100, readOnly: true }),
    created_at: time,
    updated_at: time
  },
  filters: { owner: ['eq'], updated_at: ['gte'] },
  operations: { remove: false },
  onWrite ({ current, next, request }) {
    const owner = USERS[request.headers.authorization]
    if (owner === undefined) throw new HttpError(401, 'who are you?', { 'www-authenticate': 'Bearer' })
    if (current !== undefined && current.owner !== owner) throw new HttpError(403, `this note belongs to ${current.owner}`)
    const now = new Date().toISOString()
    return { ...next, owner, created_at: current?.created_at ?? now, updated_at: now }
  }
})

const app = Fastify()
await app.register(createApi({ resources: [notes] }), { prefix: '/api' })
await app.listen({ port: 3000 })
