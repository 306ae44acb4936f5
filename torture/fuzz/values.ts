import type { Random } from '../random.js'
import { isUnfit, type Document, type Schema } from './document.js'
import { LONE_SURROGATES, STRINGS } from './strings.js'

/** After so many tries that were not what is wanted, there is none. */
const TRIES = 200

export type Values = ReturnType<typeof createValues>

/** Makes values by schemas: those that a schema takes, and those that it refuses. */
export function createValues ({ resolve, takes, names }: Document, random: Random) {
  return { good, bad, anything, text }

  /** A value that a schema takes. Without what only the server gives. */
  function good (schema: Schema): unknown {
    for (let tries = 0; tries < TRIES; tries++) {
      const value = make(schema)
      if (takes(schema, value) && !isUnfit(value)) return value
    }
    const { examples: [example] = [] } = resolve(schema)
    if (example === undefined) throw new Error(`no value was found for ${JSON.stringify(schema)}`)
    return example
  }

  /** A value that a schema, or every one, refuses; undefined where none was found. */
  function bad (schema: Schema): unknown {
    const { type, anyOf, enum: values } = resolve(schema)
    if (type === undefined && anyOf === undefined && values === undefined) return random.pick(asList(LONE_SURROGATES))
    for (let tries = 0; tries < TRIES; tries++) {
      const value = random.chance(0.3) ? anything() : spoil(schema)
      if (!takes(schema, value) || isUnfit(value)) return value
    }
    return undefined
  }

  function make (schema: Schema): unknown {
    const { examples: [example] = [], enum: values, const: only, anyOf, type, minimum = -(10 ** random.below(16)), maximum = 10 ** random.below(16), ...rules } = resolve(schema)
    if (example !== undefined && random.chance(0.1)) return example
    if (only !== undefined) return only
    if (values !== undefined) return values[random.below(values.length)]
    if (anyOf !== undefined) return make(anyOf[random.below(anyOf.length)] ?? {})
    switch (Array.isArray(type) ? type[random.below(type.length)] : type) {
      case 'null': return null
      case 'boolean': return random.chance(0.5)
      case 'integer': return random.pick([minimum, maximum, minimum + random.below(maximum - minimum + 1), Math.min(maximum, Math.max(minimum, random.below(3000)))])
      case 'number': return random.pick([random.below(100), -random.below(100) / 8, 0.1, 1e21, 5e-324, 1.7976931348623157e308, -0, minimum, maximum])
      case 'string': return FORMATS.has(rules.format ?? '') ? random.pick(FORMATS.get(rules.format ?? '') ?? ['']) : text(rules)
      case 'array': return Array.from({ length: (rules.minItems ?? 0) + random.below(4) }, () => good(rules.items ?? {}))
      case 'object': return makeObject(rules)
      default: return anything()
    }
  }

  function makeObject ({ properties = {}, required = [], additionalProperties, unevaluatedProperties }: Schema): Record<string, unknown> {
    const named = Object.entries(properties).flatMap(([name, schema]): [string, unknown][] =>
      isReadOnly(schema) || (!required.includes(name) && random.chance(0.5)) ? [] : [[name, good(schema)]])
    const isOpen = additionalProperties !== false && unevaluatedProperties === undefined
    const others = isOpen && random.chance(0.3) ? [[random.pick(SOME_STRINGS), anything()]] : unevaluatedProperties !== undefined && random.chance(0.1) ? [['unheard_of', null]] : []
    return Object.fromEntries([...shuffle(named), ...others])
  }

  /** Whether the server alone gives it: in a merge patch, beside the null that removes it. */
  function isReadOnly (schema: Schema): boolean {
    const { readOnly, anyOf = [] } = resolve(schema)
    return readOnly === true || anyOf.some(isReadOnly)
  }

  /** A value that is near to one that the schema takes. */
  function spoil (schema: Schema): unknown {
    const { type, minimum, maximum, minLength = 0, maxLength = 100, items, properties = {}, format } = resolve(schema)
    const known = good(schema)
    if (typeof known === 'object' && known !== null) {
      if (Array.isArray(known)) return random.pick<unknown>([[...known, items === undefined ? anything() : bad(items)], [], known[0], [[]]])
      const name = random.pick(asList(Object.keys(properties)))
      const { [name]: _, ...others } = known as Record<string, unknown>
      return random.pick<unknown>([
        others, { ...known, [random.pick(SOME_STRINGS)]: anything() }, { ...known, [name]: bad(properties[name] ?? {}) }, { ...known, [name]: bad(properties[name] ?? {}) },
        JSON.parse(`{"__proto__":${JSON.stringify(known)}}`), [known], JSON.stringify(known)
      ])
    }
    if (format !== undefined) return random.pick(BAD_FORMATS)
    if (typeof known === 'number') return random.pick<unknown>([String(known), known + 0.5, (minimum ?? 0) - 1, (maximum ?? 0) + 1, -known, 1e21, 2 ** 53, Infinity, true, null, [known]])
    if (type === 'boolean') return random.pick<unknown>(['true', 0, 1, null, 'on', [true]])
    return random.pick<unknown>(['', ' ', '\0', 'x\0', 'x'.repeat(minLength - 1 > 0 ? minLength - 1 : 0), 'x'.repeat(maxLength + 1), '\u{1f600}'.repeat(maxLength + 1), `${String(known)}\0`, random.pick(asList(LONE_SURROGATES)), null, 5, [known], { a: known }])
  }

  /** Any JSON value. */
  function anything (levels = 3): unknown {
    const scalar = random.pick<() => unknown>([() => null, () => random.chance(0.5), () => random.below(1000), () => -random.below(1000) / 16, () => random.pick(SOME_STRINGS), () => 1e21])
    if (levels === 0 || random.chance(0.6)) return scalar()
    const members = Array.from({ length: random.below(4) }, () => anything(levels - 1))
    return random.chance(0.5) ? members : Object.fromEntries(members.map((member) => [random.pick(SOME_STRINGS), member]))
  }

  function text ({ minLength = 0, maxLength = 100 }: Schema): string {
    return random.pick<() => string>([
      () => random.pick(SOME_STRINGS),
      () => 'x'.repeat(random.chance(0.1) ? random.pick([minLength, Math.min(maxLength, 3000)]) : 1 + random.below(20)),
      () => '\u{1f600}é'.repeat(random.below(Math.min(maxLength, random.chance(0.1) ? 500 : 20) / 2 + 1)),
      // What paths, orders and pointers are made of.
      () => Array.from({ length: 1 + random.below(3) }, () => `${random.pick(['', '-'])}${random.pick(asList(names))}`).join(),
      () => `/${random.pick(asList(names))}${random.pick(['', '', '/0', '/-', '/~1'])}`,
      () => String.fromCodePoint(...Array.from({ length: 1 + random.below(12) }, () => random.pick([32 + random.below(95), 0xa0 + random.below(0x300), 0x4e00 + random.below(0x1000), 0x1f300 + random.below(0x300)])))
    ])()
  }

  function shuffle<T> (list: readonly T[]): T[] {
    return list.map((element) => ({ element, place: random.below(1000) })).sort((a, b) => a.place - b.place).map(({ element }) => element)
  }
}

function asList<T extends string> (list: readonly T[]): readonly [T | '', ...T[]] {
  const [first = '', ...rest] = list
  return [first, ...rest]
}

const SOME_STRINGS = asList(STRINGS)

/** Values of the formats that an API may have. */
const FORMATS: ReadonlyMap<string, readonly [string, ...string[]]> = new Map([
  ['date', ['1967-03-04', '0001-01-01', '9999-12-31', '2000-02-29']],
  ['date-time', ['1967-03-04T05:06:07Z', '2000-02-29T23:59:59.999Z', '1999-12-31T23:59:59.5+01:00', '0001-01-02T00:00:00Z', '9999-12-30T00:00:00-00:00', '1970-01-01T00:00:00.000Z']],
  ['uuid', ['01890a5d-ac96-774b-bcce-b302099a8057', '00000000-0000-0000-0000-000000000000', 'FFFFFFFF-FFFF-4FFF-BFFF-FFFFFFFFFFFF']],
  ['email', ['x@example.org', 'a.b+c@example.co.uk']]
])

/** What is of none of these. */
const BAD_FORMATS: readonly [unknown, ...unknown[]] = ['', 'x', '1967-02-30', '0000-01-01', '1967-01-01T24:00:00Z', '1967-01-01T00:00', '01890a5d-ac96-774b-bcce', 'x@', ' 1967-01-01', '1967-01-01\n', null, 5, [], '\0']
