import { Type, type TSchema } from '@sinclair/typebox'
import fc from 'fast-check'
import t from 'tap'
import { readFilters, type FilterOperator } from '../../schemas/filters.js'
import { describeProperty } from '../../schemas/property.js'
import { conditionsOf, isEmpty, satisfies } from '../../stores/conditions.js'
import { compareBy, completeOrder } from '../../stores/order.js'
import type { Condition, Query } from '../../stores/store.js'

const OPERATORS = ['lt', 'lte', 'eq', 'gte', 'gt'] as const
const number = fc.integer({ min: 0, max: 4 })
const operator = fc.constantFrom(...OPERATORS)
const condition: fc.Arbitrary<Condition> = fc.oneof(
  fc.record({ property: fc.constant('year'), operator, value: number }),
  fc.record({ property: fc.constant('year'), operator: fc.constantFrom('lt' as const, 'eq' as const), value: fc.constant(null) }),
  fc.record({ property: fc.constant('name'), operator, value: fc.constantFrom('b', 'd') })
)
const several: fc.Arbitrary<Condition> = fc.record({ property: fc.constant('year'), operator: fc.constant('in'), value: fc.array(fc.option(number), { maxLength: 3 }) })
const queryOf = (condition: fc.Arbitrary<Condition>): fc.Arbitrary<Query> => fc.record({
  where: fc.array(condition, { maxLength: 3 }),
  order: fc.array(fc.record({ property: fc.constantFrom('year', 'name'), descending: fc.boolean() }), { maxLength: 1 }),
  after: fc.option(fc.record({ id: number, year: fc.option(number), name: fc.constantFrom('b', 'd') }), { nil: undefined }),
  limit: fc.constant(1)
})

// Every value that differs for the conditions: the bounds, and what is between and beyond them.
const RECORDS = [-1, 0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 5, null].flatMap((year) => ['a', 'b', 'c', 'd', 'e'].map((name) => ({ id: 9, year, name })))

const finds = ({ where, order, after }: Query) =>
  RECORDS.some((record) => satisfies(record, where) && (after === undefined || order.length === 0 || compareBy(completeOrder(order, ['id']))(record, after) > 0))

t.test('a query is empty where no record can satisfy it, and only there', async () => {
  // After a record without a value there are only those without one, of which nothing more is known.
  const isKnown = ({ order: [first], after }: Query) => first?.property !== 'year' || after?.year !== null
  fc.assert(fc.property(queryOf(condition).filter(isKnown), (query) => isEmpty(query) === !finds(query)), { numRuns: 2000 })
})

t.test('where one of several values is asked for, what is empty has no record', async () => {
  fc.assert(fc.property(queryOf(fc.oneof(condition, several)), (query) => !isEmpty(query) || !finds(query)), { numRuns: 2000 })
})

/** The conditions of a filter of a property `p`. */
const conditionsFor = (schema: TSchema, operator: FilterOperator, value: unknown, more: object = {}) => {
  const property = describeProperty('p', schema)
  const { filter } = readFilters({ filter: { property: 'p', operator, ...more } }, new Map([['p', property]]), 'things', (what) => new Error(what))
  return filter === undefined ? [] : conditionsOf(filter, value)
}

t.test('no filter but that for what is not there finds records without a value', async () => {
  const values = fc.constantFrom('', 'a', 'ab', 'b', 'a\u{10FFFF}', '\u{10FFFF}', '\u{10FFFF}a', '\ud7ff', '\ud7ffa', '\ue000', '\u{10000}', '\u{1F600}')
  const compare = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b))
  const text = Type.Optional(Type.String())
  const HOLDS = {
    lt: (a: string, b: string) => compare(a, b) < 0,
    lte: (a: string, b: string) => compare(a, b) <= 0,
    eq: (a: string, b: string) => a === b,
    gte: (a: string, b: string) => compare(a, b) >= 0,
    gt: (a: string, b: string) => compare(a, b) > 0,
    prefix: (a: string, b: string) => a.startsWith(b)
  }
  fc.assert(fc.property(fc.constantFrom('lt', 'lte', 'eq', 'gte', 'gt', 'prefix'), fc.option(values), values, (operator, value, given) =>
    satisfies({ p: value }, conditionsFor(text, operator, given)) === (value !== null && HOLDS[operator](value, given))), { numRuns: 2000 })
  fc.assert(fc.property(fc.option(values), fc.array(values, { minLength: 1 }), (value, given) =>
    satisfies({ p: value }, conditionsFor(text, 'in', given)) === (value !== null && given.includes(value))))
  fc.assert(fc.property(fc.option(values), fc.boolean(), (value, given) => satisfies({ p: value }, conditionsFor(text, 'exists', given)) === ((value !== null) === given)))
})

t.test('a filter that every record passes at its default is left out, and no other', async (t) => {
  const year = Type.Integer({ minimum: 1, maximum: 9 })
  const of = (operator: FilterOperator, value: unknown, schema: TSchema = year, more: object = { default: 0 }) => conditionsFor(schema, operator, value, more).length
  t.same([of('gt', 0), of('gt', 1), of('gte', 1), of('gte', 2), of('lt', 10), of('lt', 9), of('lte', 9), of('lte', 8), of('eq', 1)], [0, 1, 0, 1, 0, 1, 0, 1, 1])
  t.equal(of('gt', 0, year, {}), 1, 'without a default, it is rare')
  t.equal(of('gt', 0, Type.Integer()), 1)
  t.equal(of('lt', 10, Type.Optional(year)), 1)
  t.equal(of('gt', 0, Type.Optional(year)), 2)
  t.equal(of('lt', 'x', Type.String(), { default: 'x' }), 1)
})

t.test('the values of a filter have the spelling of those that are kept', async (t) => {
  t.same(conditionsFor(Type.String({ format: 'date-time' }), 'gte', '2001-01-01T01:00:00+01:00'), [{ property: 'p', operator: 'gte', value: '2001-01-01T00:00:00.000Z' }])
  t.same(conditionsFor(Type.String({ format: 'uuid' }), 'in', ['01890A5D-AC96-774B-BCCE-B302099A8057']), [{ property: 'p', operator: 'in', value: ['01890a5d-ac96-774b-bcce-b302099a8057'] }])
})
