import { hash } from 'node:crypto'
import fastJson from 'fast-json-stringify'
import { mapValues, type Keywords, type Properties } from '../schemas/keywords.js'
import { isClosed, type Property } from '../schemas/property.js'
import type { Item, Resource } from '../schemas/resource.js'
import { idReader } from '../stores/ids.js'
import type { Entry } from '../stores/store.js'

/**
 * Compiles a resource's schema to the function that makes its representation: the text that every answer sends, and
 * its entity-tag. It runs once for each write; a read only sends what it made.
 */
export function compileRepresentation ({ key, properties, schemas: { result } }: Pick<Resource, 'key' | 'properties' | 'schemas'>): (item: Item) => Entry {
  const stringify: (item: Item) => string = fastJson(toText(result.properties, properties))
  const idOf = idReader(key)
  return (item) => {
    const body = stringify(item)
    return { id: idOf(item), item, body, etag: entityTag(body) }
  }
}

/** The schema by which a record is written, in the order of its properties, with all members that its objects may have. */
function toText (schemas: Properties, properties: readonly Property[]): object {
  const open = properties.filter(({ kind, schema }) => (kind === 'array' || kind === 'object') && !isClosed(schema))
  return {
    type: 'object',
    properties: { ...mapValues(schemas, withoutDefaults), ...Object.fromEntries(open.map(({ name }) => [name, {}])) },
    // Properties that are required would come before the others.
    required: properties.some(({ isOptional }) => isOptional) ? [] : properties.map(({ name }) => name)
  }
}

/** A schema that fills in nothing: defaults are for what clients send. */
function withoutDefaults ({ default: _, properties, items, ...schema }: Keywords): Keywords {
  return { ...schema, ...properties && { properties: mapValues(properties, withoutDefaults) }, ...items && { items: withoutDefaults(items) } }
}

/**
 * The strong entity-tag (RFC 9110, section 8.8.3) of a text: 132 bits of its SHA-256, so that the same content has
 * the same tag on every server, and other content another.
 */
export function entityTag (text: string): string {
  // `JSON.stringify` puts the quotes around it and makes a text of its own: a template would keep the whole digest in memory.
  return JSON.stringify(hash('sha256', text, 'base64url').slice(0, 22))
}
