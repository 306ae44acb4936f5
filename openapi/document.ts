import swagger, { type FastifyDynamicSwaggerOptions } from '@fastify/swagger'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import type { Resource } from '../schemas/resource.js'

export interface OpenapiOptions {
  resources: readonly Resource[]
  title: string
  /** The API in Markdown, before what holds of every one. */
  description: string
  /** The version of the API that is described. */
  version: string
  /** Security schemes (OpenAPI 3.1, section 4.8.27) by their names, to which `security` of the operations refers. */
  securitySchemes: SecuritySchemes
  /** More members of the document's `info`; they replace those that it has by default. */
  info: Partial<Info>
}

type Document = NonNullable<FastifyDynamicSwaggerOptions['openapi']>
export type Info = NonNullable<Document['info']>

export type SecuritySchemes = NonNullable<NonNullable<Document['components']>['securitySchemes']>

/**
 * Where the examples of a parameter's schema stand while `@fastify/swagger` makes the document: it would make them examples
 * of the parameter itself, and those Swagger UI sends with each request that a reader tries out.
 */
export const EXAMPLES = 'x-schema-examples'

/** Collects the routes that are declared from now on in an OpenAPI 3.1 document. */
export const openapi = fp(async function openapi (app: FastifyInstance, { resources, title, description, version, securitySchemes, info }: OpenapiOptions) {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title,
        summary: `An HTTP API of ${new Intl.ListFormat('en').format(resources.map(({ label: { many } }) => many))}.`,
        description: `${description}Every representation has a strong \`ETag\`. Send it back in \`If-None-Match\` to read only what ` +
          'has changed, or in `If-Match` to write only if nobody else has. Every error is a problem (RFC 9457) that names each broken rule; ' +
          'the schema `Problem` lists its kinds, and what to do about each.',
        version,
        contact: { name: title },
        ...info
      },
      servers: [{ url: '/', description: 'This server' }],
      tags: [
        ...resources.map(({ label, description }) => ({ name: label.many, description })),
        { name: 'service', description: 'The server itself' }
      ],
      // Without any, there is nothing to authorize.
      ...Object.keys(securitySchemes).length > 0 && { components: { securitySchemes } },
      // Whoever runs the API decides who may call it: by the options of the operations, or in front of it.
      security: []
    },
    transformObject: (document) => JSON.parse(JSON.stringify(Object.values(document)[0]).replaceAll(`"${EXAMPLES}":`, '"examples":')) as object
  })
})

/** A title in the documentation for an API of these resources. */
export function titleOf (resources: readonly Resource[]): string {
  return `${resources.map(({ label }) => label.many.replaceAll(/\b[a-z]/g, (letter) => letter.toUpperCase())).join(', ')} API`
}
