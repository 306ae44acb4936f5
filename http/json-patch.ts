import type { JsonPatch, JsonPatchOperation } from '../schemas/json-patch.js'
import { badRequest, HttpError } from './error.js'
import { isObject, jsonEqual, measureJson, MOST_BYTES, MOST_LEVELS, unescapeToken } from './json.js'

/** The most values that one patch may put into a document, in as many bytes as a body may have: copies of copies would grow without end. */
const MOST_VALUES = 10_000

type Container = unknown[] | Record<string, unknown>

/**
 * Applies a JSON Patch (RFC 6902), all of it or, by throwing, nothing. Neither the document nor the patch is changed.
 * Throws 409 where an operation does not apply, and 400 where the patch would make the document absurdly large.
 */
export function applyJsonPatch (document: unknown, patch: JsonPatch): unknown {
  // A pointer begins with an empty token: so the root, too, is a member of something.
  const holder: Container = { '': structuredClone(document) }
  const copy = createCopier()
  // RFC 6902, sections 4.1 to 4.6.
  const operations: Readonly<Record<JsonPatchOperation['op'], (operation: JsonPatchOperation) => void>> = {
    add: ({ path, value }) => put(path, value),
    remove: ({ path }) => remove(holder, path),
    replace ({ path, value }) {
      remove(holder, path)
      put(path, value)
    },
    move ({ path, from = '' }) {
      if (path.startsWith(`${from}/`)) throw conflict(`"${from}" cannot be moved into itself`)
      const value = get(holder, from)
      remove(holder, from)
      put(path, value)
    },
    copy: ({ path, from = '' }) => put(path, get(holder, from)),
    test ({ path, value }) {
      if (!jsonEqual(get(holder, path), value)) throw conflict(`what is at "${path}" is not equal to the value of the test`)
    }
  }
  for (const operation of patch) operations[operation.op](operation)
  return holder['']

  /** Adds a copy, so that what later operations do to it is done to nothing else. */
  function put (path: string, value: unknown): void {
    add(holder, path, copy(value, MOST_LEVELS + 1 - path.split('/').length))
  }
}

/** Makes the function that copies a JSON value which may nest so many levels. It throws 400 where all its copies are too large together. */
function createCopier () {
  let values = 0
  let bytes = 0

  return (value: unknown, mostLevels: number): unknown => {
    const text = Buffer.from(JSON.stringify(value))
    const measured = measureJson(text)
    values += measured.values
    bytes += text.length
    if (measured.levels > mostLevels || values > MOST_VALUES || bytes > MOST_BYTES) {
      throw badRequest([{ in: 'body', pointer: '', detail: 'must not make the document too large, nor nest it too deep' }])
    }
    // JSON has no spelling of a number that is too large, which the schema is to refuse.
    return structuredClone(value)
  }
}

function get (holder: Container, path: string): unknown {
  return tokensOf(path).reduce<unknown>(memberOf, holder)
}

function add (holder: Container, path: string, value: unknown): void {
  const { container, token } = placeOf(holder, path)
  if (Array.isArray(container)) {
    container.splice(token === '-' ? container.length : indexOf(token, container.length), 0, value)
  } else {
    // Unlike an assignment, this makes a member even of "__proto__".
    Object.defineProperty(container, token, { value, writable: true, enumerable: true, configurable: true })
  }
}

function remove (holder: Container, path: string): void {
  const { container, token } = placeOf(holder, path)
  memberOf(container, token)
  if (Array.isArray(container)) container.splice(Number(token), 1)
  else Reflect.deleteProperty(container, token)
}

/** The container that a pointer leads into, and the last token, which may name nothing yet. */
function placeOf (holder: Container, path: string): { container: Container, token: string } {
  const tokens = tokensOf(path)
  const [token = ''] = tokens.splice(-1)
  return { container: toContainer(tokens.reduce<unknown>(memberOf, holder), token), token }
}

function memberOf (value: unknown, token: string): unknown {
  const container = toContainer(value, token)
  if (Array.isArray(container)) return container[indexOf(token, container.length - 1)]
  if (!Object.hasOwn(container, token)) throw conflict(`there is nothing at "${token}"`)
  return container[token]
}

function toContainer (value: unknown, token: string): Container {
  if (Array.isArray(value) || isObject(value)) return value
  throw conflict(`"${token}" is looked for in what is no object`)
}

/** An array index has one spelling (RFC 6901, section 4). */
function indexOf (token: string, last: number): number {
  const index = /^(0|[1-9][0-9]*)$/.test(token) ? Number(token) : Infinity
  if (index > last) throw conflict(`there is nothing at index "${token}"`)
  return index
}

const tokensOf = (pointer: string) => pointer.split('/').map(unescapeToken)

const conflict = (why: string) => new HttpError('patch-conflict', `the JSON Patch does not apply: ${why}`)
