import { Type, type TSchema } from '@sinclair/typebox'
import fc from 'fast-check'
import pg from 'pg'
import t from 'tap'
import { describeProperty } from '../../../schemas/property.js'
import { checksOf } from '../../../stores/postgres/checks.js'
import { openDatabases } from '../../postgres.js'

const { fresh } = await openDatabases(t)
const client = new pg.Client(await fresh())
await client.connect()
t.teardown(() => client.end())

/** Whether a value satisfies the checks of a schema, as PostgreSQL says. */
async function passes (schema: TSchema, type: string, value: unknown): Promise<boolean> {
  const checks = checksOf('value', describeProperty('value', schema))
  const { rows: [{ holds }] } = await client.query(`select ${checks.map((check) => `(${check})`).join(' and ') || 'true'} as holds from (select $1::${type} as value) as it`, [value])
  return holds
}

t.test('what a schema says of numbers', async (t) => {
  const CASES: [TSchema, number | string, boolean][] = [
    [Type.Integer({ minimum: -5, maximum: 5 }), 5, true], [Type.Integer({ minimum: -5, maximum: 5 }), 6, false], [Type.Integer({ minimum: -5 }), -6, false],
    [Type.Number({ exclusiveMinimum: 0.5 }), 0.5, false], [Type.Number({ exclusiveMaximum: 0.5 }), 0.25, true], [Type.Number({ exclusiveMaximum: 0.5 }), 0.5, false],
    [Type.Number(), 1.7e308, true], [Type.Number(), 'Infinity', false], [Type.Number(), 'NaN', false], [Type.Number({ multipleOf: 2 }), 3, true],
    [Type.Literal(3), 3, true], [Type.Literal(3), 4, false]
  ]
  for (const [schema, value, holds] of CASES) t.equal(await passes(schema, 'double precision', value), holds, JSON.stringify([schema, value]))
})

t.test('what a schema says of text', async (t) => {
  const names = Type.Unsafe<string>({ type: 'string', enum: ['a', "it's"] })
  const CASES: [TSchema, string, boolean][] = [
    [Type.String({ minLength: 2, maxLength: 2 }), '\u{1F600}\u{1F600}', true], [Type.String({ maxLength: 1 }), 'ab', false], [Type.String({ minLength: 1 }), '', false],
    [names, "it's", true], [names, 'b', false], [Type.String({ format: 'email' }), 'no', true]
  ]
  for (const [schema, value, holds] of CASES) t.equal(await passes(schema, 'text', value), holds, JSON.stringify([schema, value]))
})

t.test('what a schema says of the text of other kinds is not said of their columns', async (t) => {
  t.notMatch(checksOf('value', describeProperty('value', Type.String({ format: 'date', minLength: 1, maxLength: 99, pattern: '-' }))).join(), /length|~/)
})

t.test('a pattern means the same to PostgreSQL', async (t) => {
  const PATTERNS = [
    '^(?!\\s+$)[^\\u0000]*$', '^[a-z]{2,3}$', '^\\d+(?:\\.\\d+)?$', '^\\w[a-z-]*$', 'a|b', '^[^a ]+$', '^(a)+?b*$', '^\\.\\/\\|$', '^a(?=b)', '^a{2,}$', ''
  ]
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '1', '.', ' ', '\n', '\u00a0', '\u2028', '\ufeff', '\u00e9', '[', ']', '-', '_', '/', '|', '\u0663', '\u{1F600}'), maxLength: 4 })
  for (const pattern of PATTERNS) {
    t.equal(checksOf('value', describeProperty('value', Type.String({ pattern }))).length, 1, pattern)
    await fc.assert(fc.asyncProperty(text, async (value) =>
      await passes(Type.String({ pattern }), 'text collate "C"', value) === new RegExp(pattern, 'u').test(value)), { numRuns: 100 })
  }
})

t.test('one that it has no translation for is left out', async (t) => {
  const PATTERNS = ['(?<=a)b', '(?<name>a)', '\\p{L}', '\\bword', '^a{256}$', '^a{1,2000}$', '[]', '[\\u0000]', '\\ud83d\\ude00', '\\S', '\\u{1F600}', '[(?]', '(a)\\1', '^.$', '[^\\s]', '[[a]', '\\u00e9', '{', 'a]']
  for (const pattern of PATTERNS) t.same(checksOf('value', describeProperty('value', Type.String({ pattern }))), [], pattern)
})
