import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { NOT_COUNTED } from './program.js'

const LIST = '.ci/advisories.json'

t.test('a locked version in the range of an advisory fails the audit, wherever it is', async (t) => {
  const { code, out } = await compare(t, { '': '1.0.0', 'node_modules/tar': '7.5.2', 'node_modules/a/node_modules/@b/c': '2.0.0-beta.1', 'node_modules/ws': '9.0.0' }, [
    advisory('tar', '<6.2.1 || >=7.0.0 <=7.5.2'), advisory('@b/c', '>=2.0.0-beta.0'), advisory('ws', '<9.0.0'), advisory('c', '*')
  ])
  t.equal(code, 1)
  t.match(out, /^not ok - tar 7\.5\.2 is in /m)
  t.match(out, /^not ok - @b\/c 2\.0\.0-beta\.1 is in /m)
  t.notMatch(out, /^ok - |^not ok - (ws|c) /m)
})

t.test('where none is, the audit says of when it is', async (t) => {
  const { code, out } = await compare(t, { 'node_modules/tar': '7.5.3' }, [advisory('tar', '<=7.5.2')])
  t.equal(code, 0)
  t.match(out, /^# the list is of 2026-01-31, \d+ days ago/m)
  t.match(out, /^ok - no locked version is in one of 1 advisories$/m)
})

t.test('what is no range is not taken for one that nothing is in', async (t) => {
  t.not((await compare(t, { 'node_modules/tar': '7.5.3' }, [advisory('tar', 'all of them')])).code, 0)
})

t.test('the list names packages of the lock file, and a source for each advisory', async (t) => {
  const { packages } = JSON.parse(await readFile('package-lock.json', 'utf8'))
  const names = new Set(Object.keys(packages).map((path) => path.split('node_modules/').at(-1)))
  const { date, advisories } = JSON.parse(await readFile(LIST, 'utf8'))
  t.match(date, /^\d{4}-\d\d-\d\d$/)
  t.ok(advisories.length > 100)
  for (const { id, package: name, severity, title, source } of advisories) {
    t.ok(names.has(name), `${name} is in the lock file`)
    t.match({ id, severity, title, source }, { id: /./, severity: /^(unknown|low|moderate|high|critical)$/, title: /./, source: /^https:\/\// }, `${id} of ${name}`)
  }
})

function advisory (name: string, vulnerable: string): object {
  return { id: 'GHSA-0', package: name, vulnerable, severity: 'high', title: 'A title', source: 'https://a.example' }
}

/** What the audit says of locked versions, each by its path in the lock file. */
async function compare (t: Test, locked: Record<string, string>, advisories: object[]): Promise<{ code: unknown, out: string }> {
  const packages = Object.fromEntries(Object.entries(locked).map(([path, version]) => [path, { version }]))
  const folder = t.testdir({ 'lock.json': JSON.stringify({ packages }), 'list.json': JSON.stringify({ date: '2026-01-31', advisories }) })
  return new Promise((resolve) => {
    execFile(process.execPath, ['.ci/advisories.mjs', join(folder, 'lock.json'), join(folder, 'list.json')], { env: NOT_COUNTED }, (error, out) => {
      resolve({ code: error?.code ?? 0, out })
    })
  })
}
