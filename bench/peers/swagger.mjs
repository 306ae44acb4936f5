import Fastify from 'fastify'
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import { address } from './settings.mjs'

// What the start-up is measured against: a Fastify app with its documentation, and nothing to document.

const fastify = Fastify()
await fastify.register(swagger)
await fastify.register(swaggerUi, { routePrefix: '/docs' })
await fastify.listen(address)
