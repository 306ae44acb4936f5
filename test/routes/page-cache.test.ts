import fc from 'fast-check'
import t from 'tap'
import type { Coder } from '../../http/content-coding.js'
import { createPageCache } from '../../routes/page-cache.js'
import { build, call, runs } from '../build.js'

const LIST = '/programming_languages'

type Language = { id: number, name: string, publication_year: number, contribution: string }

const fields = fc.record({ name: fc.constantFrom('A', 'B', 'C'), publication_year: fc.integer({ min: 1957, max: 1962 }), contribution: fc.constantFrom('x', 'y') })
const id = fc.nat(12)
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ request: fc.constant('read' as const), target: fc.constantFrom('', '?limit=3', '?before_year=1960', '?sort=-name&limit=2', '?name=A') }) },
  { weight: 2, arbitrary: fc.record({ request: fc.constant('view' as const), id }) },
  { weight: 1, arbitrary: fc.record({ request: fc.constant('create' as const), fields }) },
  { weight: 1, arbitrary: fc.record({ request: fc.constant('replace' as const), id, fields }) },
  { weight: 1, arbitrary: fc.record({ request: fc.constant('update' as const), id, fields }) },
  { weight: 1, arbitrary: fc.record({ request: fc.constant('delete' as const), id }) }
)

t.test('whatever is written between two reads, an answer is never stale', async (t) => {
  await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 80 }), async (steps) => {
    const app = build(t, { records: [] })
    const model = new Map<number, Language>()
    const tags = new Map<unknown, string>()
    let nextId = 0

    for (const one of steps) {
      if (one.request === 'read') {
        const { text, body, headers } = await call(app, `GET ${LIST}${one.target}`)
        const { next, ...page } = body
        t.same(page, { programming_languages: expected([...model.values()], new URLSearchParams(one.target)) })
        named(text, headers.etag)
      } else if (one.request === 'create') {
        const { body, text, headers } = await call(app, `POST ${LIST}`, { body: one.fields })
        model.set(nextId, { id: nextId, ...one.fields })
        t.same(body, model.get(nextId++))
        named(text, headers.etag)
      } else {
        const method = { view: 'GET', replace: 'PUT', update: 'PATCH', delete: 'DELETE' }[one.request]
        const written = 'fields' in one ? one.fields : undefined
        const { status, body, text, headers } = await call(app, `${method} ${LIST}/${one.id}`, { body: written })
        if (!model.has(one.id)) {
          t.equal(status, 404)
        } else if (one.request === 'delete') {
          t.equal(status, 204)
          model.delete(one.id)
        } else {
          if (written !== undefined) model.set(one.id, { id: one.id, ...written })
          t.same(body, model.get(one.id))
          named(text, headers.etag)
        }
      }
    }

    /** Another content has another entity-tag, the same content the same. */
    function named (text: string, etag: unknown): void {
      t.equal(tags.get(etag) ?? text, text)
      tags.set(etag, text)
      t.equal([...tags.values()].filter((one) => one === text).length, 1)
    }
  }), { numRuns: runs(100) })
})

function expected (languages: Language[], query: URLSearchParams): Language[] {
  return languages
    .filter(({ name, publication_year: year }) => year < Number(query.get('before_year') ?? 30000) && name === (query.get('name') ?? name))
    .sort((a, b) => (query.has('sort') ? b.name.localeCompare(a.name) : 0) || a.id - b.id)
    .slice(0, Number(query.get('limit') ?? 100))
}

const page = (length: number) => ({ body: Buffer.alloc(length), etag: '"x"', next: undefined })

t.test('pages are of one revision', async (t) => {
  const cache = createPageCache()
  t.equal(cache.find('/a', 1), undefined)
  cache.keep('/a', 1, page(1))
  t.ok(cache.find('/a', 1))
  t.equal(cache.find('/a', 2), undefined)
  cache.keep('/a', 1, page(1))
  t.equal(cache.find('/a', 2), undefined, 'what was made of an older revision is not kept')
  cache.keep('/b', undefined, page(1))
  t.equal(cache.find('/b', undefined), undefined, 'nor what was made of none')
})

t.test('pages have a limited size', async (t) => {
  const cache = createPageCache()
  cache.find('/', 1)
  for (let i = 0; i < 20; i++) cache.keep(`/${i}`, 1, page(1024 * 1024))
  const kept = Array.from({ length: 20 }, (_, i) => cache.find(`/${i}`, 1)).filter((one) => one !== undefined)
  t.ok(kept.length > 0 && kept.length <= 16)

  const large = createPageCache()
  large.find('/', 1)
  for (let i = 0; i < 50; i++) large.keep('/small', 1, page(1024 * 1024))
  large.keep('/other', 1, page(1024))
  large.keep('/large', 1, page(17 * 1024 * 1024))
  t.same(['/small', '/other', '/large'].map((url) => large.find(url, 1) === undefined), [false, false, true], 'one that is kept again counts once, and one that is larger than all may be is not kept')
})

t.test('a page is coded once for all who ask, until the store has another revision', async (t) => {
  const cache = createPageCache()
  const runs: { resolve: (coded: Buffer) => void, reject: (error: Error) => void }[] = []
  const coder: Coder = { coding: 'br', encode: () => new Promise((resolve, reject) => runs.push({ resolve, reject })) }
  const answers = [1, 1, 2].map((revision) => cache.encode(page(100), coder, revision))
  t.equal(runs.length, 1)
  runs[0]?.resolve(Buffer.alloc(10))
  for (const answer of await Promise.all(answers)) t.match(answer, { etag: '"x-br"', coding: 'br', body: { length: 10 } })
  const failing = cache.encode(page(100), coder, 1)
  runs[1]?.reject(new Error('no memory'))
  await t.rejects(async () => failing, { message: 'no memory' })
  t.equal(cache.find('"x-br"', 1), undefined)
  const again = cache.encode(page(100), coder, 1)
  runs[2]?.resolve(Buffer.alloc(10))
  const coded = await again
  t.equal(cache.find('"x-br"', 1), coded, 'kept')
  t.equal(cache.find('"x-br"', 2), undefined)
})

t.test('so much is coded at a time, and no more', async (t) => {
  const cache = createPageCache()
  const runs: (() => void)[] = []
  const coder: Coder = { coding: 'gzip', encode: (content) => new Promise((resolve) => runs.push(() => resolve(Buffer.from(content.slice(0, 10))))) }
  const pages = Array.from({ length: 20 }, (_, i) => ({ ...page(1024 * 1024), etag: `"${i}"` }))
  for (const [i, page] of pages.entries()) {
    const answer = cache.encode(page, coder, 1)
    t.equal(answer === page, i >= 16, i < 16 ? 'coded' : 'as it is')
  }
  t.equal(runs.length, 16)
  runs[0]?.()
  await cache.encode(pages[0] ?? page(1), coder, 1)
  cache.encode(pages[16] ?? page(1), coder, 1)
  t.equal(runs.length, 17)
})

t.test('what pages are coded to counts as they do', async (t) => {
  const cache = createPageCache()
  const coder: Coder = { coding: 'gzip', encode: async () => Buffer.alloc(1024 * 1024) }
  cache.find('/', 1)
  for (let i = 0; i < 20; i++) await cache.encode({ ...page(1), etag: `"${i}"` }, coder, 1)
  const kept = Array.from({ length: 20 }, (_, i) => cache.find(`"${i}-gzip"`, 1)).filter((one) => one !== undefined)
  t.ok(kept.length > 0 && kept.length <= 16)
})
