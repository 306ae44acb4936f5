import { keywordsOf, type Keywords } from '../schemas/keywords.js'

/**
 * A path, a query and an environment are text. Compiles an object schema to the function that reads each property
 * which the schema calls an integer as that integer, in place. Text that spells none stays, for validation to name it.
 */
export function compileReader (schema: Keywords): (values: Record<string, unknown>) => void {
  const integers = Object.keys(schema.properties ?? {}).filter((name) => keywordsOf(schema, name).type === 'integer')
  return (values) => {
    for (const name of integers) values[name] = readInteger(values[name])
  }
}

/** An integer has one spelling: the one that it is written with. */
function readInteger (text: unknown): unknown {
  const number = Number(text)
  return Number.isSafeInteger(number) && String(number) === text ? number : text
}
