import swagger from '@fastify/swagger'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import type { Resource } from '../schemas/resource.js'

/** The version of the API, the same as in package.json. */
export const API_VERSION = '1.0.0'

export interface OpenapiOptions {
  resource: Resource
}

/**
 * Where the examples of a parameter's schema stand while `@fastify/swagger` makes the document: it would make them examples
 * of the parameter itself, and those Swagger UI sends with each request that a reader tries out.
 */
export const EXAMPLES = 'x-schema-examples'

/** Collects the routes that are declared from now on in an OpenAPI 3.1 document. */
export const openapi = fp(async function openapi (app: FastifyInstance, { resource }: OpenapiOptions) {
  const { label: { one, many }, description } = resource
  const title = titleOf(resource)
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title,
        summary: `Create, read, change and delete ${many}.`,
        description: `Every representation has a strong \`ETag\`. Send it back in \`If-None-Match\` to read a ${one} only if it ` +
          'has changed, or in `If-Match` to write only if nobody else has. Every error is a problem (RFC 9457) that names each broken rule; ' +
          'the schema `Problem` lists its kinds, and what to do about each.',
        version: API_VERSION,
        contact: { name: title },
        license: { name: 'MIT', identifier: 'MIT' }
      },
      servers: [{ url: '/', description: 'This server' }],
      tags: [
        { name: many, description },
        { name: 'service', description: 'The server itself' }
      ],
      // Whoever runs the API decides who may call it, and puts that in front of it.
      security: []
    },
    transformObject: (document) => JSON.parse(JSON.stringify(Object.values(document)[0]).replaceAll(`"${EXAMPLES}":`, '"examples":')) as object
  })
})

/** The title of the API in its documentation. */
export function titleOf ({ label }: Resource): string {
  return `${label.many.replaceAll(/\b[a-z]/g, (letter) => letter.toUpperCase())} API`
}
