import Fastify from 'fastify'
import programmingLanguages from 'programming-languages-api'

const app = Fastify()
await app.register(async (scope) => {
  scope.addHook('onRequest', async (request, reply) => {
    if (request.headers.authorization === 'Bearer secret') return
    reply.header('www-authenticate', 'Bearer')
    throw Object.assign(new Error('who are you?'), { statusCode: 401 })
  })
  await scope.register(programmingLanguages, { prefix: '/api' })
})
await app.listen({ port: 3000 })
