import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'

/** Every answer is text already, made from its schema when it was written: Fastify has no serializers to compile. */
export const serialization = fp(async function serialization (app: FastifyInstance) {
  app.setSerializerCompiler(() => JSON.stringify)
})
