import { Type } from '@sinclair/typebox'
import t from 'tap'
import { createApi, defineResource } from '../../app.js'
import { buildApi, call } from '../build.js'
import { things } from '../resources.js'

// What cannot be carried is refused at once, in one clear line, also from JavaScript.

const name = Type.String({ maxLength: 100 })
const OK = { name: 'tag', plural: 'tags', description: 'A tag', properties: { name, size: Type.Integer(), list: Type.Array(name) } }
/** As JavaScript would call it. */
const define = (definition: object) => defineResource({ ...OK, ...definition } as typeof OK)
const of = (property: unknown, more: object = {}) => define({ properties: { ...OK.properties, it: property }, ...more })

const REFUSED: [string, () => unknown, string | RegExp][] = [
  ['a name', () => define({ name: 'My Tag' }), 'the resource tags: its name is not what it should be: a name in snake case'],
  ['a plural', () => define({ plural: '../x' }), 'the resource ../x: its plural is not what it should be: a name in snake case'],
  ['null alone', () => of(Type.Null()), /property it must be a string, an integer/],
  ['anything', () => of(Type.Unknown()), /property it must be a string/],
  ['a union of types', () => of(Type.Union([Type.String(), Type.Integer()])), /property it must be a string/],
  ['literals of two types', () => of(Type.Union([Type.Literal('a'), Type.Literal(1)])), /property it must be a string/],
  ['a transform', () => of(Type.Transform(Type.String()).Decode((text) => text).Encode((text) => text)), /property it must be a string/],
  ['optional and null', () => of(Type.Optional(Type.Union([Type.String(), Type.Null()]))), /property it must not be both optional and nullable/],
  ['a name that is none', () => define({ properties: { 'a b': name } }), 'the resource tags: the property a b must have a name of letters, digits and _'],
  ['a name that every object has', () => define({ properties: { constructor: name } }), /property constructor must have a name/],
  ['an unknown format', () => createApi({ resources: [of(Type.String({ format: 'spam' }))] }), /unknown format "spam"/],
  ['an id beside the server\'s', () => define({ properties: { id: name } }), 'the resource tags: the property id is the server\'s: give it another name'],
  ['an id of nothing', () => define({ id: [] }), 'the resource tags: its id is not what it should be: \'counter\', \'uuid\', or a list of properties'],
  ['an id that is not there', () => define({ id: ['x'] }), 'the resource tags: x is no property that can be compared'],
  ['an id of an array', () => define({ id: ['list'] }), 'the resource tags: list is no property that can be compared'],
  ['an id that may be absent', () => of(Type.Optional(name), { id: ['it'] }), 'the resource tags: a property of its id must be neither optional nor nullable'],
  ['an id of the server\'s', () => of(Type.String({ maxLength: 9, readOnly: true }), { id: ['it'], onWrite: () => ({}) }), 'the resource tags: a property of its id must be neither readOnly nor have a default'],
  ['a long id', () => of(Type.String({ maxLength: 301 }), { id: ['name', 'it'] }), 'the resource tags: its key of name and it may have 401 characters, but an index has room for 400'],
  ['a long unique text', () => of(Type.String({ maxLength: 401 }), { unique: [['it']] }), /its key of it may have 401 characters/],
  ['unique that is not there', () => define({ unique: [['x']] }), 'the resource tags: x is no property that can be compared'],
  ['unique of nothing', () => define({ unique: [[]] }), 'the resource tags: its unique/0 is not what it should be: a list of lists of properties'],
  ['a sort that is not there', () => define({ sortable: ['list'] }), 'the resource tags: list is no property that can be compared'],
  ['a filter on an array', () => define({ filters: { list: ['eq'] } }), 'the resource tags: its filter list looks at list, which is no property that can be compared'],
  ['a filter on nothing', () => define({ filters: { x: { property: 'x', operator: 'eq' } } }), 'the resource tags: its filter x looks at x, which is no property that can be compared'],
  ['a filter with another\'s name', () => define({ filters: { limit: { property: 'size', operator: 'lt' } } }), 'the resource tags: its filter limit has the name of another parameter of the list'],
  ['two filters with one name', () => define({ filters: { size: ['lt'], size_lt: { property: 'size', operator: 'gt' } } }), 'the resource tags: two of its filters have the name size_lt'],
  ['a filter with a name that is none', () => define({ filters: { 'a&b': { property: 'size', operator: 'gt' } } }), 'the resource tags: the filter a&b must have a name of letters, digits and _'],
  ['an unknown operator', () => define({ filters: { size: ['like'] } }), 'the resource tags: its filter size_like cannot compare size by like'],
  ['the beginning of a number', () => define({ filters: { size: ['prefix'] } }), 'the resource tags: its filter size_prefix cannot compare size by prefix'],
  ['whether there is what is always there', () => define({ filters: { size: ['exists'] } }), 'the resource tags: its filter size_exists cannot compare size by exists'],
  ['readOnly without onWrite', () => of(Type.String({ readOnly: true })), 'the resource tags: the property it is readOnly and not optional, so there must be an onWrite that sets it'],
  ['unique without its inner list', () => define({ unique: ['name'] }), /its unique\/0 is not what it should be: a list of lists/],
  ['an id as a text', () => define({ id: 'name' }), /its id is not what it should be/],
  ['a filter as a text', () => define({ filters: { size: 'lt' } }), /its filters\/size is not what it should be: for each property a list/],
  ['a misspelt member', () => define({ filter: {} }), 'the resource tags: its filter is not what it should be: unexpected property'],
  ['a misspelt operation', () => define({ operations: { delete: false } }), 'the resource tags: its operations/delete is not what it should be: unexpected property'],
  ['pages that are too long', () => define({ page: { most: 5000 } }), /its page\/most is not what it should be/],
  ['an id with a default', () => of(Type.Integer({ default: 5 }), { id: ['it'] }), /neither readOnly nor have a default/],
  ['an id that is no segment', () => of(Type.Union([Type.Literal('..'), Type.Literal('a')]), { id: ['it'] }), /no segment of a path/],
  ['a long literal', () => of(Type.Union([Type.Literal('x'.repeat(401)), Type.Literal('a')]), { unique: [['it']] }), /may have 401 characters/],
  ['null by a keyword', () => of(Type.Unsafe({ type: 'integer', nullable: true })), /must not be nullable by that keyword/],
  ['a length of a time', () => of(Type.String({ format: 'date-time', maxLength: 20 })), /has a spelling of its own/],
  ['a default that is not valid', () => createApi({ resources: [of(Type.Integer({ default: 'x' }))] }), 'the resource tags is not valid: the default of it must be integer'],
  ['a default of a filter that is not valid', () => createApi({ resources: [define({ filters: { x: { property: 'size', operator: 'lt', default: 'x' } } })] }), 'the resource tags is not valid: the default of the filter x must be integer'],
  ['a pattern that is none', () => createApi({ resources: [of(Type.String({ pattern: '[' }))] }), /the resource tags has a schema that cannot be read/],
  ['two first records with one id', () => createApi({ resources: [define({ id: ['name'], records: ['a', 'a'].map((name) => ({ name, size: 1, list: [] })) })] }), 'the resource tags is not valid: records has two with the same name'],
  ['two that must not be alike', () => createApi({ resources: [define({ unique: [['name', 'size']], records: ['b', 'c'].map((other) => ({ name: 'a', size: 1, list: [other] })) })] }), 'the resource tags is not valid: records has two with the same name and size'],
  ['two paths of one segment', () => createApi({ resources: [define({})], paths: { document: '/docs' } }), /there is a path \/docs already/],
  ['no resources', () => createApi({} as never), 'resources must be a list of what defineResource gives'],
  ['a bad first record', () => createApi({ resources: [define({ records: [{ name: 'a', size: 'x', list: [] }] })] }), 'the resource tags is not valid: records/0/size must be integer'],
  ['a limit of bodies', () => createApi({ resources: [things], bodyLimit: 0 }), 'bodyLimit must be 1 to 1048576'],
  ['a larger one', () => createApi({ resources: [things], bodyLimit: 2 ** 21 }), 'bodyLimit must be 1 to 1048576'],
  ['a resource twice', () => createApi({ resources: [things, things] }), 'the resource things clashes with something else: there is a path /things already'],
  ['one name of two', () => createApi({ resources: [define({}), define({ plural: 'others' })] }), 'the resource others clashes with something else: there is a component Tag already'],
  ['a name of the API', () => createApi({ resources: [define({ name: 'problem' })] }), 'the resource tags clashes with something else: there is a component Problem already'],
  ['a path of the API', () => createApi({ resources: [define({ plural: 'health' })] }), 'the resource health clashes with something else: there is a path /health already'],
  ['a path of one\'s own choice', () => createApi({ resources: [define({})], paths: { docs: '/tags' } }), 'the resource tags clashes with something else: there is a path /tags already'],
  ['a table of another', () => createApi({ resources: [define({}), define({ name: 'receipt', plural: 'tags_receipts' })] }), 'the resource tags_receipts clashes with something else: there is a table tags_receipts already'],
  ['two components', () => createApi({ resources: [define({}), define({ name: 'new_tag', plural: 'new_tags' })] }), 'the resource new_tags clashes with something else: there is a component NewTag already']
]

for (const [what, make, message] of REFUSED) {
  t.test(`refused: ${what}`, async (t) => {
    const error: unknown = await Promise.resolve().then(make).then(() => undefined, (error: unknown) => error)
    const { message: found } = error instanceof Error ? error : new Error('nothing')
    if (typeof message === 'string') t.equal(found, message)
    else t.match(found, message)
    t.notMatch(found, '\n')
  })
}

t.test('literals within a union that may be null are the values of one property', async (t) => {
  const { properties } = of(Type.Union([Type.Union([Type.Literal('a'), Type.Literal('b')]), Type.Null()]))
  t.match(properties.find(({ name }) => name === 'it'), { kind: 'text', isNullable: true, schema: { enum: ['a', 'b'] } })
  t.match(of(Type.Literal(1)).properties.at(-1), { kind: 'number', isNullable: false, schema: { enum: [1] } })
})

t.test('first records have the defaults and the spelling of all others', async (t) => {
  const records = [{ name: 'a', at: '2001-01-01T01:00:00+01:00' }, { name: 'b', at: '2001-01-01T00:00:00Z' }]
  const marks = define({ properties: { name, open: Type.Boolean({ default: true }), at: Type.String({ format: 'date-time' }) }, records })
  const app = await buildApi(t, { resources: [marks] })
  const { body } = await call(app, 'GET /tags')
  t.same(body.tags, ['a', 'b'].map((name, id) => ({ id, name, open: true, at: '2001-01-01T00:00:00.000Z' })))
  const other = await buildApi(t, { resources: [marks] }, { records: records.slice(1) as never })
  t.same((await call(other, 'GET /tags')).body.tags, [{ ...body.tags[1], id: 0 }])
  t.notOk('open' in Object(records[0]), 'what was given is left as it is')
})
