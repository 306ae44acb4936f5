import { Type } from '@sinclair/typebox'
import t from 'tap'
import { applyJsonPatch } from '../../http/json-patch.js'
import type { JsonPatch } from '../../schemas/json-patch.js'
import { createApi, defineResource } from '../../index.js'
import { build, call } from '../build.js'

const ALGOL = '/programming_languages/1'
const TYPE = { 'content-type': 'application/json-patch+json' }

// RFC 6902, appendix A: document, patch, result; no result where it is an error.
const CASES: [string, unknown, JsonPatch, unknown?][] = [
  ['A.1', { foo: 'bar' }, [{ op: 'add', path: '/baz', value: 'qux' }], { foo: 'bar', baz: 'qux' }],
  ['A.2', { foo: ['bar', 'baz'] }, [{ op: 'add', path: '/foo/1', value: 'qux' }], { foo: ['bar', 'qux', 'baz'] }],
  ['A.3', { baz: 'qux', foo: 'bar' }, [{ op: 'remove', path: '/baz' }], { foo: 'bar' }],
  ['A.4', { foo: ['bar', 'qux', 'baz'] }, [{ op: 'remove', path: '/foo/1' }], { foo: ['bar', 'baz'] }],
  ['A.5', { baz: 'qux', foo: 'bar' }, [{ op: 'replace', path: '/baz', value: 'boo' }], { baz: 'boo', foo: 'bar' }],
  ['A.6', { foo: { bar: 'baz', waldo: 'fred' }, qux: { corge: 'grault' } }, [{ op: 'move', from: '/foo/waldo', path: '/qux/thud' }],
    { foo: { bar: 'baz' }, qux: { corge: 'grault', thud: 'fred' } }],
  ['A.7', { foo: ['all', 'grass', 'cows', 'eat'] }, [{ op: 'move', from: '/foo/1', path: '/foo/3' }], { foo: ['all', 'cows', 'eat', 'grass'] }],
  ['A.8', { baz: 'qux', foo: ['a', 2, 'c'] }, [{ op: 'test', path: '/baz', value: 'qux' }, { op: 'test', path: '/foo/1', value: 2 }],
    { baz: 'qux', foo: ['a', 2, 'c'] }],
  ['A.9', { baz: 'qux' }, [{ op: 'test', path: '/baz', value: 'bar' }]],
  ['A.10', { foo: 'bar' }, [{ op: 'add', path: '/child', value: { grandchild: {} } }], { foo: 'bar', child: { grandchild: {} } }],
  ['A.12', { foo: 'bar' }, [{ op: 'add', path: '/baz/bat', value: 'qux' }]],
  ['A.14', { '/': 9, '~1': 10 }, [{ op: 'test', path: '/~01', value: 10 }], { '/': 9, '~1': 10 }],
  ['A.15', { '/': 9, '~1': 10 }, [{ op: 'test', path: '/~01', value: '10' }]],
  ['A.16', { foo: ['bar'] }, [{ op: 'add', path: '/foo/-', value: ['abc', 'def'] }], { foo: ['bar', ['abc', 'def']] }],

  ['add replaces a member', { a: 1 }, [{ op: 'add', path: '/a', value: 2 }], { a: 2 }],
  ['add replaces the root', { a: 1 }, [{ op: 'add', path: '', value: 2 }], 2],
  ['replace replaces the root', { a: 1 }, [{ op: 'replace', path: '', value: [] }], []],
  ['remove removes the root', { a: 1 }, [{ op: 'remove', path: '' }], undefined],
  ['copy', { a: { b: [1] } }, [{ op: 'copy', from: '/a/b', path: '/c' }, { op: 'add', path: '/c/0', value: 0 }], { a: { b: [1] }, c: [0, 1] }],
  ['copy into an array', [1, 2], [{ op: 'copy', from: '/1', path: '/0' }], [2, 1, 2]],
  ['move to the same place', { a: 1 }, [{ op: 'move', from: '/a', path: '/a' }], { a: 1 }],
  ['an empty name', { '': 1 }, [{ op: 'replace', path: '/', value: 2 }], { '': 2 }],
  ['deep in arrays', [[{ a: 1 }]], [{ op: 'replace', path: '/0/0/a', value: 2 }], [[{ a: 2 }]]],
  ['test of an object, whatever the order of its members', { a: { b: 1, c: [null, {}] } }, [{ op: 'test', path: '/a', value: { c: [null, {}], b: 1 } }], { a: { b: 1, c: [null, {}] } }],
  ['a member named __proto__', {}, [{ op: 'add', path: '/__proto__', value: 1 }], JSON.parse('{"__proto__":1}')]
]

const FAILURES: [string, unknown, JsonPatch][] = [
  ['remove what is not there', {}, [{ op: 'remove', path: '/a' }]],
  ['remove an index that is not there', [1], [{ op: 'remove', path: '/1' }]],
  ['replace what is not there', {}, [{ op: 'replace', path: '/a', value: 1 }]],
  ['replace an inherited member', {}, [{ op: 'replace', path: '/toString', value: 1 }]],
  ['copy what is not there', {}, [{ op: 'copy', from: '/a', path: '/b' }]],
  ['move into itself', { a: { b: 1 } }, [{ op: 'move', from: '/a', path: '/a/c' }]],
  ['add beyond the end of an array', [1], [{ op: 'add', path: '/2', value: 1 }]],
  ['an index with a leading zero', [1, 2], [{ op: 'remove', path: '/01' }]],
  ['an index that is no number', [1], [{ op: 'add', path: '/a', value: 1 }]],
  ['"-" is no existing element', [1], [{ op: 'replace', path: '/-', value: 1 }]],
  ['into a scalar', { a: 'text' }, [{ op: 'add', path: '/a/b', value: 1 }]],
  ['move an element into what comes after it', [{ p: 1 }, { q: 1 }], [{ op: 'move', from: '/0', path: '/0/y' }]],
  ['anything after the root was removed', {}, [{ op: 'remove', path: '' }, { op: 'test', path: '', value: {} }]],
  ['test null against nothing', {}, [{ op: 'test', path: '/a', value: null }]],
  ['test another array', { a: [1, 2] }, [{ op: 'test', path: '/a', value: [1] }]],
  ['test an array against an object', { a: [] }, [{ op: 'test', path: '/a', value: {} }]],
  ['test an object against an array', { a: {} }, [{ op: 'test', path: '/a', value: [] }]],
  ['test an object with another member', { a: { b: 1 } }, [{ op: 'test', path: '/a', value: { c: 1 } }]],
  ['test an object with one more', { a: { b: 1 } }, [{ op: 'test', path: '/a', value: { b: 1, c: 1 } }]]
]

/** Arrays, nested to so many levels. */
const nested = (levels: number): unknown => levels === 0 ? 0 : [nested(levels - 1)]

function failureOf (document: unknown, patch: JsonPatch): unknown {
  try {
    return { result: applyJsonPatch(document, patch) }
  } catch (error) {
    return error
  }
}

t.test('RFC 6902, appendix A, and more', async (t) => {
  for (const [name, document, patch, result] of CASES) {
    const before = structuredClone(document)
    if (result === undefined && name.startsWith('A.')) t.match(failureOf(document, patch), { statusCode: 409 }, name)
    else t.strictSame(applyJsonPatch(document, patch), result, name)
    t.strictSame(document, before, 'the document is not changed')
  }
})

t.test('what does not apply is 409', async (t) => {
  for (const [name, document, patch] of FAILURES) t.match(failureOf(document, patch), { statusCode: 409 }, name)
})

t.test('a patch cannot grow a document without end', async (t) => {
  const doubling = Array.from({ length: 60 }, (): JsonPatch[number] => ({ op: 'copy', from: '/a', path: '/a/-' }))
  t.match(failureOf({ a: [1, 2, 3] }, doubling), { statusCode: 400 })
  t.same(applyJsonPatch({}, [{ op: 'add', path: '/a', value: nested(63) }]), { a: nested(63) })
  t.match(failureOf({}, [{ op: 'add', path: '/a', value: nested(64) }]), { statusCode: 400 })
  const nesting = Array.from({ length: 60 }, (_, i): JsonPatch[number] => ({ op: 'add', path: '/0'.repeat(i), value: [[]] }))
  t.match(failureOf([], [...nesting, { op: 'copy', from: '', path: '/0'.repeat(59) + '/-' }]), { statusCode: 400 })
})

t.test('a patch cannot grow a document without end by long text either', async (t) => {
  const text = 'x'.repeat(500_000)
  const add: JsonPatch[number] = { op: 'add', path: '/l', value: [text] }
  const copy: JsonPatch[number] = { op: 'copy', from: '/l', path: '/m' }
  t.same(applyJsonPatch({}, [add, copy]), { l: [text], m: [text] })
  t.match(failureOf({}, [add, copy, { ...copy, path: '/n' }]), { statusCode: 400 })
  t.match(failureOf({}, [{ op: 'add', path: '/l', value: { [text]: 0 } }, copy, { ...copy, path: '/n' }]), { statusCode: 400 }, 'names count too')

  // Once, a longer one took all of the memory.
  const body = [{ op: 'add', path: '/l', value: ['x'.repeat(900_000)] }, ...Array.from({ length: 96 }, () => ({ op: 'copy', from: '/l/0', path: '/l/-' })),
    ...Array.from({ length: 98 }, (_, i) => ({ op: 'copy', from: '/l', path: `/m${i}` }))]
  t.match(await call(build(t), `PATCH ${ALGOL}`, { body, headers: TYPE }), { status: 400, body: { errors: [{ in: 'body', pointer: '', detail: /too large/ }] } })
})

t.test('a conflict does not send a long pointer back', async (t) => {
  const { status, text } = await call(build(t), `PATCH ${ALGOL}`, { body: [{ op: 'remove', path: `/${'x'.repeat(9000)}` }], headers: TYPE })
  t.equal(status, 409)
  t.ok(text.length < 2000)
})

t.test('what an operation does not define means nothing', async (t) => {
  const many = Array.from({ length: 20_000 }, () => 0)
  t.same(applyJsonPatch({ a: 1, b: many }, [{ op: 'remove', path: '/a', value: many }, { op: 'test', path: '/b', value: many }]), { b: many })
  const { status } = await call(build(t), `PATCH ${ALGOL}`, { body: [{ op: 'replace', path: '/name', value: 'A', from: 5 }], headers: TYPE })
  t.equal(status, 200)
})

t.test('neither the document nor the patch is changed, so that it can be applied again', async (t) => {
  const patch: JsonPatch = [{ op: 'add', path: '/a', value: [1] }, { op: 'add', path: '/a/-', value: 2 }, { op: 'copy', from: '/a', path: '/b' }, { op: 'remove', path: '/a/0' }]
  for (let i = 0; i < 2; i++) t.same(applyJsonPatch({}, patch), { a: [2], b: [1, 2] })
})

t.test('a thousand operations on a large value take little time', async (t) => {
  const value = Object.fromEntries(Array.from({ length: 8900 }, (_, i) => [`k${i}`, 0]))
  const removals = Array.from({ length: 999 }, (_, i) => ({ op: 'remove', path: `/x/k${i}` }))
  const started = performance.now()
  t.equal((await call(build(t), `PATCH ${ALGOL}`, { body: [{ op: 'add', path: '/x', value }, ...removals], headers: TYPE })).status, 400)
  t.ok(performance.now() - started < 10_000)
})

t.test('a number that is too large stays one, and is refused, also where null may be', async (t) => {
  const things = defineResource({ name: 'thing', plural: 'things', description: 'x', properties: { size: Type.Union([Type.Number(), Type.Null()]) }, records: [{ size: 1 }] })
  const app = build(t, { api: createApi({ resources: [things] }), store: 'memory:' })
  for (const operation of ['{"op":"replace","path":"/size","value":1e400}', '{"op":"add","path":"/size","value":-1e400}']) {
    const { statusCode } = await app.inject({ method: 'PATCH', url: '/things/0', headers: TYPE, payload: `[${operation}]` })
    t.equal(statusCode, 400, operation)
  }
  t.same((await app.inject('/things/0')).json(), { id: 0, size: 1 })
})

t.test('PATCH applies every operation or none', async (t) => {
  const app = build(t)
  const patch = [
    { op: 'test', path: '/name', value: 'ALGOL' },
    { op: 'replace', path: '/name', value: 'ALGOL 58' },
    { op: 'copy', from: '/name', path: '/contribution', comment: 'members that the operation does not define are ignored' }
  ]
  const { status, body } = await call(app, `PATCH ${ALGOL}`, { body: patch, headers: TYPE })
  t.equal(status, 200)
  t.same(body, { id: 1, name: 'ALGOL 58', publication_year: 1958, contribution: 'ALGOL 58' })

  const failing = [{ op: 'replace', path: '/publication_year', value: 1960 }, { op: 'test', path: '/name', value: 'ALGOL' }]
  const conflict = await call(app, `PATCH ${ALGOL}`, { body: failing, headers: TYPE })
  t.match(conflict, { status: 409, body: { title: 'Conflict', detail: /the value of the test/ } })
  t.same((await call(app, `GET ${ALGOL}`)).body, body)
})

t.test('the id may be tested, and stays', async (t) => {
  const app = build(t)
  const patchId = (operation: object) => call(app, `PATCH ${ALGOL}`, { body: [operation], headers: TYPE })
  t.equal((await patchId({ op: 'test', path: '/id', value: 1 })).status, 200)
  t.equal((await patchId({ op: 'replace', path: '/id', value: 1 })).status, 200)
  t.equal((await patchId({ op: 'remove', path: '/id' })).body.id, 1)
  t.match(await patchId({ op: 'replace', path: '/id', value: 2 }), { status: 400, body: { errors: [{ pointer: '/id' }] } })
})

t.test('what results must be a whole, valid language', async (t) => {
  const app = build(t)
  for (const operation of [
    { op: 'remove', path: '/name' },
    { op: 'add', path: '/year', value: 1958 },
    { op: 'add', path: '/__proto__', value: {} },
    { op: 'replace', path: '/publication_year', value: '1958' },
    { op: 'replace', path: '', value: null },
    { op: 'remove', path: '' }
  ]) {
    t.equal((await call(app, `PATCH ${ALGOL}`, { body: [operation], headers: TYPE })).status, 400, JSON.stringify(operation))
  }
  t.equal((await call(app, `GET ${ALGOL}`)).body.name, 'ALGOL')
})

t.test('what is no JSON Patch is 400', async (t) => {
  const app = build(t)
  const BODIES: [unknown, string[]][] = [
    [{}, ['']],
    ['add', ['']],
    [null, ['']],
    [[1], ['/0']],
    [[{}], ['/0/op', '/0/path']],
    [[{ op: 'spam', path: '/name' }], ['/0/op']],
    [[{ op: 'add', path: '/name' }], ['/0/value']],
    [[{ op: 'move', path: '/name' }, { op: 'copy', path: '/name', from: 5 }], ['/0/from', '/1/from']],
    [[{ op: 'remove', path: 'name' }], ['/0/path']],
    [[{ op: 'remove', path: '/~2' }], ['/0/path']],
    [[{ op: 'remove', path: '/a'.repeat(65) }], ['/0/path']],
    [Array.from({ length: 1001 }, () => ({ op: 'remove', path: '/name' })), ['']],
    [Array.from({ length: 9000 }, () => ({})), ['', ...Array.from({ length: 99 }, (_, i) => `/${i >> 1}/${i % 2 ? 'path' : 'op'}`)]]
  ]
  for (const [body, pointers] of BODIES) {
    const answer = await call(app, `PATCH ${ALGOL}`, { body: JSON.stringify(body), headers: TYPE })
    t.equal(answer.status, 400, JSON.stringify(body).slice(0, 80))
    t.same(answer.body.errors.map(({ pointer }: { pointer: string }) => pointer), pointers)
  }
})
