import { randomInt } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

/** Sets the ids of this process apart from those of all others, before it and beside it. */
const PREFIX = randomInt(2 ** 48 - 1).toString(36)

let count = 0

/** The id of a request: the one that its client gave it, or else a new one, which no other request has. */
export function idOf (headers: IncomingHttpHeaders): string {
  return givenId(headers) ?? `${PREFIX}-${(count++).toString(36)}`
}

/** The id that a client gave its request, if it is one: text of visible characters. */
export function givenId ({ 'x-request-id': id }: IncomingHttpHeaders): string | undefined {
  return typeof id === 'string' && VISIBLE.test(id) ? id : undefined
}

const VISIBLE = /^[\x21-\x7e]{1,128}$/

/** The field of an answer that tells a client the id that it gave its request. */
export function idField (headers: IncomingHttpHeaders): { 'x-request-id'?: string } {
  const id = givenId(headers)
  return id === undefined ? {} : { 'x-request-id': id }
}

/** Names one request among all as a problem's `instance`, which is a URI. */
export function toInstance (id: string): string {
  return `urn:request:${encodeURIComponent(id)}`
}
