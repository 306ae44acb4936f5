import fc from 'fast-check'
import t from 'tap'
import { applyMergePatch } from '../../http/merge-patch.js'
import { build, call } from '../build.js'

const ALGOL = '/programming_languages/1'

// RFC 7396, appendix A: target, patch, result.
const CASES: [unknown, unknown, unknown][] = [
  [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
  [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
  [{ a: 'b' }, { a: null }, {}],
  [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
  [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
  [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
  [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
  [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
  [['a', 'b'], ['c', 'd'], ['c', 'd']],
  [{ a: 'b' }, ['c'], ['c']],
  [{ a: 'foo' }, null, null],
  [{ a: 'foo' }, 'bar', 'bar'],
  [{ e: null }, { a: 1 }, { e: null, a: 1 }],
  [[1, 2], { a: 'b', c: null }, { a: 'b' }],
  [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }]
]

t.test('RFC 7396, appendix A', async (t) => {
  for (const [target, patch, result] of CASES) {
    const before = structuredClone(target)
    t.strictSame(applyMergePatch(target, patch), result, JSON.stringify([target, patch]))
    t.strictSame(target, before, 'the target is not changed')
  }
})

t.test('a member may have any name', async (t) => {
  const result = applyMergePatch({}, JSON.parse('{"__proto__":{"polluted":true},"constructor":1}'))
  t.equal(JSON.stringify(result), '{"__proto__":{"polluted":true},"constructor":1}')
  t.notOk('polluted' in {})
})

t.test('what a patch without null names is there afterwards, and the rest stays', async (t) => {
  fc.assert(fc.property(fc.dictionary(fc.string(), fc.integer()), fc.dictionary(fc.string(), fc.integer()), (target, patch) => {
    const expected = new Map([...Object.entries(target), ...Object.entries(patch)])
    const result = applyMergePatch(target, patch)
    return JSON.stringify(result) === JSON.stringify(Object.fromEntries(expected))
  }))
  t.pass()
})

t.test('PATCH takes a merge patch, also as plain JSON', async (t) => {
  for (const type of ['application/merge-patch+json', 'application/json', 'Application/Merge-Patch+JSON; charset=utf-8']) {
    const app = build(t)
    const { status, body, headers } = await call(app, `PATCH ${ALGOL}`, { body: { name: 'ALGOL 58' }, headers: { 'content-type': type } })
    t.equal(status, 200, type)
    t.same(body, { id: 1, name: 'ALGOL 58', publication_year: 1958, contribution: 'scoping and nested functions' })
    t.equal((await call(app, `GET ${ALGOL}`)).headers.etag, headers.etag)
  }
})

t.test('a patch that changes nothing', async (t) => {
  const app = build(t)
  const before = await call(app, `GET ${ALGOL}`)
  for (const body of [{}, { id: 1 }, { name: 'ALGOL' }, { nothing: null }]) {
    t.match(await call(app, `PATCH ${ALGOL}`, { body }), { status: 200, text: before.text, headers: { etag: before.headers.etag } })
  }
})

t.test('what results must be a whole, valid language of the same id, or nothing changes', async (t) => {
  const app = build(t)
  const CASES: [unknown, string[]][] = [
    [{ name: null }, ['/name']],
    [{ name: '', publication_year: '1958' }, ['/name', '/publication_year']],
    [{ year: 1958 }, ['/year']],
    [{ id: 2 }, ['/id']],
    [{ id: '1' }, ['/id']],
    [{ name: { first: 'ALGOL' } }, ['/name']],
    [null, ['']],
    ['ALGOL', ['']],
    [[], ['']]
  ]
  for (const [body, pointers] of CASES) {
    const answer = await call(app, `PATCH ${ALGOL}`, { body: JSON.stringify(body), headers: { 'content-type': 'application/merge-patch+json' } })
    t.equal(answer.status, 400, JSON.stringify(body))
    t.same(answer.body.errors.map(({ pointer }: { pointer: string }) => pointer), pointers, JSON.stringify(body))
  }
  t.equal((await call(app, `PATCH ${ALGOL}`)).status, 400, 'no body')
  t.equal((await call(app, `GET ${ALGOL}`)).body.name, 'ALGOL')
})

t.test('a missing language', async (t) => {
  t.equal((await call(build(t), 'PATCH /programming_languages/99', { body: {} })).status, 404)
})
