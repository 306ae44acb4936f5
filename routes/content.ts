import type { FastifyInstance, FastifyRequest } from 'fastify'
import { spellerOf } from '../schemas/property.js'
import type { Violation } from '../schemas/problem.js'
import type { Fields, Resource } from '../schemas/resource.js'
import type { Entry } from '../stores/store.js'
import { isObject, jsonEqual } from '../http/json.js'
import { applyPatch } from '../http/patch.js'
import { compile, describeViolations } from '../http/validation.js'

type WriteRequest = FastifyRequest<{ Body: Fields }>

/** What the writes of a resource make of the content of a request and of the record that it meets. Each throws 400 with every rule that the content breaks. */
export function createContent ({ plural, properties, key, schemas, onWrite, ids }: Resource, app: FastifyInstance) {
  const { parse: parseWhole } = compile(schemas.replacement, 'body')
  const { parse: parsePatched } = compile(schemas.result, 'body', { defaults: false })
  const { check: checkRecord } = compile(schemas.record, 'body', { defaults: false })
  const given = properties.filter(({ name, isReadOnly }) => isReadOnly || key.includes(name)).map(({ name }) => name)
  const kept = given.filter((name) => !key.includes(name))
  const defaults = Object.fromEntries(properties.flatMap(({ name, isReadOnly, schema }) => isReadOnly && 'default' in schema ? [[name, schema.default]] : []))
  const fill = Object.keys(defaults).length === 0 ? (fields: Fields): Fields => fields : (fields: Fields): Fields => ({ ...defaults, ...fields })
  const nulls = Object.fromEntries(properties.filter(({ isNullable }) => isNullable).map(({ name }) => [name, null]))
  const spell = spellerOf(properties)
  const { maxParamLength = 100 } = { ...app.initialConfig, ...app.initialConfig.routerOptions }
  return { created, replaced, patched, differences, checkKey }

  /** The new record that a POST asks for, its body already validated; a function where `onWrite` is to run within the write. */
  function created (request: WriteRequest): Fields | (() => Fields) {
    // A problem with the record names its path, which has this spelling.
    const fields = request.body = fill(spell(request.body))
    return onWrite === undefined ? fields : () => finish(request, fields)
  }

  /** What a PUT asks for, with the properties that the server alone gives as they are. `path` has those of the key, where there is no record yet. */
  function replaced (request: WriteRequest, current: Entry | undefined, path: Fields = {}): Fields {
    const fields = parseWhole(request.body, differences(request.body, current?.item ?? path))
    return finish(request, keepGiven(fields, current), current)
  }

  /** What a PATCH makes of a record. */
  function patched (request: WriteRequest, current: Entry): Fields {
    const result = applyPatch(request, current.item, nulls)
    const fields = parsePatched(result, differences(result, current.item))
    return finish(request, keepGiven(fields, current), current)
  }

  /** Puts in what the server alone gives: the key is kept by the store. */
  function keepGiven (fields: Fields, current?: Entry): Fields {
    if (kept.length === 0) return spell(fields)
    if (current === undefined) return fill(spell(fields))
    const { item } = current
    return spell({ ...fields, ...Object.fromEntries(kept.filter((name) => name in item).map((name) => [name, item[name]])) })
  }

  /** The record that `onWrite` makes of another, which the server is at fault for if it is not valid. */
  function finish (request: FastifyRequest, next: Fields, current?: Entry): Fields {
    if (onWrite === undefined) return next
    // It gets copies, because what it changes of the record itself would stay where the write fails.
    const made = onWrite({ current: structuredClone(current?.item), next: structuredClone(next), request })
    const record = { ...made, ...Object.fromEntries(key.filter((name) => name in next).map((name) => [name, next[name]])) }
    // The store gives what identifies a new one.
    const violations = checkRecord(record).filter(({ pointer }) => pointer !== '/id' || ids === 'own')
    if (violations.length > 0) throw new Error(`onWrite of ${plural} made no valid record: ${describeViolations(violations)}`)
    return spell(record)
  }

  /** A client may send back what the server gave and what is in the path, but nothing else in its place. */
  function differences (sent: unknown, known: Fields): Violation[] {
    if (!isObject(sent)) return []
    const fields = spell(sent)
    return given
      // Another type breaks the schema, which says so.
      .filter((name) => name in fields && typeof fields[name] === typeof (known[name] ?? fields[name]) && !jsonEqual(fields[name], known[name]))
      .map((name) => ({
        in: 'body',
        pointer: `/${name}`,
        detail: key.includes(name) ? `must be the ${name} in the path, ${String(known[name])}` : 'must be as it is, because the server alone gives it'
      }))
  }

  /** A record whose path the router of the app does not take could never be read. */
  function checkKey ({ body }: WriteRequest): Violation[] {
    if (ids !== 'own' || !isObject(body)) return []
    return key.filter((name) => typeof body[name] === 'string' && body[name].length > maxParamLength)
      .map((name) => ({ in: 'body', pointer: `/${name}`, detail: `must not have more than the ${maxParamLength} characters that a path may have here` }))
  }
}
