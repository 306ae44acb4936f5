import { hash } from 'node:crypto'
import type { TSchema } from '@sinclair/typebox'
import fastJson from 'fast-json-stringify'
import type { Item } from '../schemas/resource.js'
import type { Entry } from '../stores/store.js'

/**
 * Compiles a record's schema to the function that makes its representation: the text that every answer sends, and
 * its entity-tag. It runs once for each write; a read only sends what it made.
 */
export function compileRepresentation (schema: TSchema): (item: Item) => Entry {
  const stringify: (item: Item) => string = fastJson(schema)
  return (item) => {
    const body = stringify(item)
    return { item, body, etag: entityTag(body) }
  }
}

/**
 * The strong entity-tag (RFC 9110, section 8.8.3) of a text: 132 bits of its SHA-256, so that the same content has
 * the same tag on every server, and other content another.
 */
export function entityTag (text: string): string {
  // `JSON.stringify` puts the quotes around it and makes a text of its own: a template would keep the whole digest in memory.
  return JSON.stringify(hash('sha256', text, 'base64url').slice(0, 22))
}
