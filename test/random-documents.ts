import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import fastify from 'fastify'
import { createApi } from '../routes/api.js'
import { call } from './build.js'
import { makeRecord, makeResource, type Pick, type RandomResource } from './random-resource.js'

/** Names that may clash: with the components and operations of others, with those of every API, and with words of languages. */
const NAMES = ['thing', 'new_thing', 'thing_merge_patch', 'thing_replacement', 'other_thing', 'problem', 'problem_kind', 'constructor', 'object', 'string', 'new', 'order_line', 'x1']
  .map((name) => ({ name, plural: `${name}s` }))

const [folder = '', count = '20', seed = '1'] = process.argv.slice(2)
if (folder === '') throw new Error('usage: random-documents.ts <folder> [count] [seed]')
mkdirSync(folder, { recursive: true })
for (const [i, g] of fc.sample(fc.gen(), { numRuns: Number(count), seed: Number(seed) }).entries()) {
  const pick: Pick = (arbitrary) => g(() => arbitrary)
  const resources = pickResources(pick)
  const app = fastify()
  await app.register(createApi({ resources: resources.map(({ resource }) => resource), info: { license: { name: 'MIT', identifier: 'MIT' } } }))
  const { text } = await call(app, 'GET /openapi.json')
  await app.close()
  writeFileSync(join(folder, `random${i}.json`), text)
  writeFileSync(join(folder, `client${i}.ts`), clientOf(`./random${i}.js`, resources, pick))
}

/** Some resources that one API can have: those that clash with another are refused, and left out. */
function pickResources (pick: Pick): RandomResource[] {
  const resources: RandomResource[] = []
  for (const names of pick(fc.shuffledSubarray(NAMES, { minLength: 5 }))) {
    const random = makeResource(pick, names)
    try {
      createApi({ resources: [...resources, random].map(({ resource }) => resource) })
      resources.push(random)
    } catch (error) {
      if (!/ clashes with something else: /.test(String(error))) throw error
    }
  }
  return resources
}

/** A client that does each operation, with the types that are made of the document: records that are valid are of these types. */
function clientOf (types: string, resources: readonly RandomResource[], pick: Pick): string {
  const lines = [
    "import createClient from 'openapi-fetch'",
    `import type { components, paths } from '${types}'`,
    "const { GET, POST, PUT, PATCH, DELETE } = createClient<paths>({ baseUrl: 'http://127.0.0.1' })",
    'type Schemas = components[\'schemas\']'
  ]
  for (const random of resources) {
    const { resource: { name, plural, key, title, schemas, sortable }, ids } = random
    const record = makeRecord(random, pick)
    const id = ids === 'counter' ? 0 : '01890a5d-ac96-774b-bcce-b302099a8057'
    const path = ids === 'own' ? Object.fromEntries(key.map((name) => [name, record[name]])) : { [`${name}_id`]: id }
    const url = `'/${plural}/${Object.keys(path).map((name) => `{${name}}`).join('/')}'`
    const params = `params: { path: ${JSON.stringify(path)} }`
    const body = `body: ${JSON.stringify(record)}`
    const query = Object.fromEntries(Object.entries(schemas.query.properties).flatMap(([name, { examples }]) => examples?.[0] === undefined ? [] : [[name, examples[0]]]))
    lines.push(
      '{',
      `const page = await GET('/${plural}', { params: { query: ${JSON.stringify({ ...query, limit: 1, total: true, sort: `-${sortable[0] ?? key[0]}` })} } })`,
      `const records: readonly Schemas['${title.one}'][] = page.data?.${plural} ?? []`,
      'const next: string | undefined = page.data?.next',
      `const created = await POST('/${plural}', { ${body} })`,
      `const record: Schemas['${title.one}'] | undefined = created.data ?? records[0]`,
      `const viewed = await GET(${url}, { ${params} })`,
      `const replaced = await PUT(${url}, { ${params}, ${body} })`,
      `const same: Schemas['${title.one}'] | undefined = replaced.data ?? viewed.data ?? record`,
      `const whole = await PUT(${url}, { ${params}, body: same ?? ${JSON.stringify(ids === 'own' ? record : { id, ...record })} })`,
      `const updated = await PATCH(${url}, { ${params}, ${body} })`,
      `const patched = await PATCH(${url}, { ${params}, headers: { 'Content-Type': 'application/json-patch+json' }, body: [{ op: 'test', path: '', value: null }] })`,
      `const removed = await DELETE(${url}, { ${params} })`,
      "const problem: Schemas['Problem'] | undefined = removed.error ?? patched.error ?? updated.error ?? whole.error ?? created.error ?? page.error",
      'console.log(next, problem)',
      '}'
    )
  }
  return lines.join('\n')
}
