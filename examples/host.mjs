import Fastify from 'fastify'
import programmingLanguages from 'programming-languages-api'

const app = Fastify()
await app.register(programmingLanguages, { prefix: '/api' })
await app.listen({ port: 3000 })
