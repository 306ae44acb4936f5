import type { JsonPatch, JsonPatchOperation } from '../schemas/json-patch.js'
import { mapValues } from '../schemas/keywords.js'
import { badRequest, HttpError } from './error.js'
import { isObject, jsonEqual, MOST_BYTES, MOST_LEVELS, unescapeToken } from './json.js'

/** The most values that one patch may put into a document: copies of copies would grow without end. */
const MOST_VALUES = 10_000

/** The most characters of text that it may put: as many as it could bring in a body. */
const MOST_CHARACTERS = MOST_BYTES

/**
 * Applies a JSON Patch (RFC 6902), all of it or, by throwing, nothing. Neither the document nor the patch is changed.
 * Throws 409 where an operation does not apply, and 400 where the patch would make the document absurdly large.
 */
export function applyJsonPatch (document: unknown, patch: JsonPatch): unknown {
  // A pointer begins with an empty token: so the root, too, is a member of something.
  const holder: Container = { '': structuredClone(document) }
  const copy = createCopier()

  for (const { op, path, from = '', value } of patch) {
    const operand = TAKES_FROM.has(op) ? get(holder, from) : value
    // Put a copy, so that what later operations do to it is done to nothing else.
    const put = PUTS.has(op) ? copy(operand, MOST_LEVELS + 1 - path.split('/').length) : operand
    OPERATIONS[op](holder, path, put, from)
  }
  return holder['']
}

type Container = unknown[] | Record<string, unknown>
type Operation = (holder: Container, path: string, value: unknown, from: string) => void

const TAKES_FROM: ReadonlySet<JsonPatchOperation['op']> = new Set(['move', 'copy'])
const PUTS: ReadonlySet<JsonPatchOperation['op']> = new Set(['add', 'replace', 'move', 'copy'])

// RFC 6902, sections 4.1 to 4.6.
const OPERATIONS: Readonly<Record<JsonPatchOperation['op'], Operation>> = {
  add,
  remove,
  replace (holder, path, value) {
    remove(holder, path)
    add(holder, path, value)
  },
  move (holder, path, value, from) {
    if (path.startsWith(`${from}/`)) throw conflict(`"${from}" cannot be moved into itself`)
    remove(holder, from)
    add(holder, path, value)
  },
  copy: add,
  test (holder, path, value) {
    if (!jsonEqual(get(holder, path), value)) throw conflict(`what is at "${path}" is not equal to the value of the test`)
  }
}

/** Makes the function that copies a value which may nest so many levels. It throws 400 where all its copies are too large together. */
function createCopier () {
  let values = 0
  let characters = 0
  return copy

  function copy (value: unknown, levels: number): unknown {
    count(1, typeof value === 'string' ? value.length : 0)
    if (!Array.isArray(value) && !isObject(value)) return value
    if (levels <= 0) throw tooLarge()
    if (Array.isArray(value)) return value.map((element) => copy(element, levels - 1))
    return mapValues(value, (member, name) => {
      count(0, name.length)
      return copy(member, levels - 1)
    })
  }

  function count (moreValues: number, moreCharacters: number): void {
    values += moreValues
    characters += moreCharacters
    if (values > MOST_VALUES || characters > MOST_CHARACTERS) throw tooLarge()
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
const tooLarge = () => badRequest([{ in: 'body', pointer: '', detail: 'must not make the document too large, nor nest it too deep' }])
