import { Type, type TObject } from '@sinclair/typebox'
import { mapValues } from '../schemas/keywords.js'
import { spellerOf } from '../schemas/property.js'
import type { Fields, Resource } from '../schemas/resource.js'
import { idReader } from '../stores/ids.js'
import { valueOf } from '../stores/order.js'
import { compile, describeViolations } from '../http/validation.js'

/**
 * Compiles the check of the records that a store starts with: whole ones, but for an `id` that the server gives. It gives them as a store keeps them,
 * and throws one line, which says of `what` they are and where, if one is not valid, or two have what no two may have.
 */
export function compileFirstRecords ({ plural, properties, ids, key, unique, schemas: { result, query } }: Resource) {
  const { id, ...others } = result.properties
  const required = properties.filter(({ name, isOptional }) => !isOptional && (ids === 'own' || name !== 'id')).map(({ name }) => name)
  const record = { ...result, properties: ids === 'own' ? result.properties : others, required }
  const { check } = compileOrSay(Type.Array(Type.Unsafe(record)))
  refuseDefaults(result, 'default of')
  refuseDefaults(query, 'default of the filter')
  const spell = spellerOf(properties)
  const alone = [...ids === 'own' ? [key] : [], ...unique]

  return (given: readonly Fields[], what: string, at: string): readonly Fields[] => {
    // What is not given is filled in.
    const records = structuredClone(given)
    const violations = check(records)
    if (violations.length > 0) throw new Error(`${what} not valid: ${describeViolations(violations, at)}`)
    const spelled = records.map(spell)
    for (const names of alone) {
      const whole = spelled.filter((record) => names.every((name) => valueOf(record, name) !== null))
      if (new Set(whole.map(idReader(names))).size < whole.length) throw new Error(`${what} not valid: ${at} has two with the same ${names.join(' and ')}`)
    }
    return spelled
  }

  /** A default that is not valid would be a fault of every request that leaves it to us. */
  function refuseDefaults ({ properties }: TObject, what: string): void {
    const filled = Object.fromEntries(Object.entries(properties).filter(([, schema]) => 'default' in schema))
    if (Object.keys(filled).length === 0) return
    const violations = compile(Type.Object(filled), 'body', { defaults: false }).check(mapValues(filled, (schema): unknown => schema.default))
    if (violations.length > 0) throw new Error(`the resource ${plural} is not valid: the ${what} ${describeViolations(violations)}`)
  }

  /** Says of which resource a schema is that the validator cannot read. */
  function compileOrSay (schema: Parameters<typeof compile>[0]) {
    try {
      return compile(schema, 'body')
    } catch (cause) {
      throw new Error(`the resource ${plural} has a schema that cannot be read: ${String(cause)}`, { cause })
    }
  }
}
