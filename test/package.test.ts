import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { posix } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'

const root = new URL('..', import.meta.url)
const read = (page: string) => readFile(new URL(page, root), 'utf8')

const { stdout } = await promisify(execFile)('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: root, shell: process.platform === 'win32' })
const [{ files }]: [{ files: { path: string }[] }] = JSON.parse(stdout)
const packed = new Set(files.map(({ path }) => path))
t.ok(packed.has('README.md'))

for (const page of [...packed].filter((path) => path.endsWith('.md'))) {
  t.test(`every link of ${page} leads to what is in the package`, async (t) => {
    for (const target of await linksOf(page)) {
      const [path, heading] = target.split('#')
      const file = path === '' ? page : posix.join(posix.dirname(page), path ?? '')
      t.ok(packed.has(file), target)
      if (heading !== undefined) t.ok((await headingsOf(file)).includes(heading), target)
    }
  })
}

t.test('every link of CONTRIBUTING.md leads to what is in the repository', async (t) => {
  for (const target of await linksOf('CONTRIBUTING.md')) t.ok(existsSync(new URL(target, root)), target)
})

/** Where the links of a page lead, but for those to other sites. */
async function linksOf (page: string): Promise<string[]> {
  const links = (await read(page)).matchAll(/\]\(([^)]*)\)/g)
  return Array.from(links, ([, target = '']) => target).filter((target) => !target.startsWith('https://'))
}

/** The headings of a page, as links name them. */
async function headingsOf (page: string): Promise<string[]> {
  const headings = (await read(page)).matchAll(/^#+ (.*)$/gm)
  return Array.from(headings, ([, heading = '']) => heading.toLowerCase().replaceAll(/[^\w\- ]/g, '').replaceAll(' ', '-'))
}
