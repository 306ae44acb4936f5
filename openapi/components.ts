import type { SwaggerTransform } from '@fastify/swagger'
import type { FastifySchema } from 'fastify'
import { mapValues, type Keywords } from '../schemas/keywords.js'
import { isObject } from '../http/json.js'
import { EXAMPLES } from './document.js'

type Members = Record<string, unknown>

/**
 * The route configuration that `@fastify/swagger`, ours or a host's, documents a route by: each schema that has an
 * `$id` becomes a component of that name, to which the route refers. So nothing is added to the schemas of a host.
 * `more` is documented with the rest, but does not validate.
 */
export function documented (more: FastifySchema = {}): { swaggerTransform: SwaggerTransform } {
  return {
    swaggerTransform ({ schema, url, route, ...document }) {
      const whole = { ...schema, ...more }
      if (!('openapiObject' in document)) {
        // A host may still document in Swagger 2.0, which has no links, and may keep the schemas in place.
        delete route.links
        return { schema: whole, url }
      }
      const components: Members = {}
      const prepared = mapValues(whole, (part, name) => PARAMETERS.has(name) && isObject(part) ? setAside(part) : part)
      const referring = referMembers(prepared, components)
      Object.assign(Object(document.openapiObject.components?.schemas), components)
      return { schema: referring, url }
    }
  }
}

/** The parts of a request that are parameters. */
const PARAMETERS: ReadonlySet<string> = new Set(['params', 'querystring', 'headers'])

/** Renames the examples of each property, so that `@fastify/swagger` leaves them in its schema; our own document renames them back. */
function setAside ({ properties = {}, ...rest }: Keywords): Members {
  return { ...rest, properties: mapValues(properties, ({ examples, ...property }) => ({ ...property, [EXAMPLES]: examples })) }
}

/** Puts a reference in place of a schema that has an `$id`, wherever it is in a value, and collects that schema. */
function refer (value: unknown, components: Members): unknown {
  if (Array.isArray(value)) return value.map((element) => refer(element, components))
  if (!isObject(value)) return value
  const { $id, ...members } = referMembers(value, components)
  if (typeof $id !== 'string') return members
  components[$id] = members
  return { $ref: `#/components/schemas/${$id}` }
}

function referMembers ({ 'x-messages': _, ...members }: Members, components: Members): Members {
  return mapValues(isOpen(members) ? { ...members, additionalProperties: true } : members, (member) => refer(member, components))
}

/** Tells whether an object may have members that its schema does not name: unless that is said, linters and generated clients expect none. */
const isOpen = (schema: Members): boolean =>
  [schema.type].flat().includes('object') && isObject(schema.properties) && !['additionalProperties', 'unevaluatedProperties'].some((keyword) => keyword in schema)
