import type { TSchema } from '@sinclair/typebox'

/** An integer has one spelling. */
const INTEGER = /^(0|-?[1-9][0-9]*)$/

/**
 * A path, a query and an environment are text. Compiles an object schema to the function that reads each property
 * which the schema calls an integer as that integer, in place. Text that spells none stays, for validation to name it.
 */
export function compileReader (schema: TSchema): (values: Record<string, unknown>) => void {
  const integers = Object.keys(schema.properties).filter((name) => schema.properties[name].type === 'integer')
  return (values) => {
    for (const name of integers) values[name] = readInteger(values[name])
  }
}

function readInteger (text: unknown): unknown {
  return typeof text === 'string' && INTEGER.test(text) && Number.isSafeInteger(Number(text)) ? Number(text) : text
}
