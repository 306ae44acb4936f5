import fc from 'fast-check'
import t from 'tap'
import { holdsBetween, isEmpty, satisfies } from '../../stores/conditions.js'
import { compareBy } from '../../stores/order.js'
import type { Condition, Query } from '../../stores/store.js'

const OPERATORS = ['lt', 'lte', 'eq', 'gte', 'gt'] as const
const number = fc.integer({ min: 0, max: 4 })
const operator = fc.constantFrom(...OPERATORS)
const condition: fc.Arbitrary<Condition> = fc.oneof(
  fc.record({ property: fc.constant('year'), operator, value: number }),
  fc.record({ property: fc.constant('name'), operator, value: fc.constantFrom('b', 'd') })
)
const query: fc.Arbitrary<Query> = fc.record({
  where: fc.array(condition, { maxLength: 3 }),
  order: fc.array(fc.record({ property: fc.constantFrom('year', 'name'), descending: fc.boolean() }), { maxLength: 1 }),
  after: fc.option(fc.record({ id: number, year: number, name: fc.constantFrom('b', 'd') }), { nil: undefined }),
  limit: fc.constant(1)
})

// Every value that differs for the conditions: the bounds, and what is between and beyond them.
const RECORDS = [-1, 0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 5].flatMap((year) => ['a', 'b', 'c', 'd', 'e'].map((name) => ({ id: 9, year, name })))

t.test('a query is empty where no record can satisfy it, and only there', async () => {
  fc.assert(fc.property(query, (query) => {
    const { where, order, after } = query
    const found = RECORDS.some((record) => satisfies(record, where) && (after === undefined || order.length === 0 || compareBy(order)(record, after) > 0))
    return isEmpty(query) === !found
  }), { numRuns: 2000 })
})

t.test('a condition holds between two numbers where all of them satisfy it', async () => {
  fc.assert(fc.property(number, number, operator, number, (least, more, operator, value) => {
    const years = RECORDS.map(({ year }) => year).filter((year) => year >= least && year <= least + more)
    const condition = { property: 'year', operator, value }
    return holdsBetween(least, least + more, condition) === years.every((year) => satisfies({ year }, [condition]))
  }), { numRuns: 2000 })
})
