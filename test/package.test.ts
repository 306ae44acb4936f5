import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { posix } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'

const root = new URL('..', import.meta.url)

const { stdout } = await promisify(execFile)('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: root, shell: process.platform === 'win32' })
const [{ files }]: [{ files: { path: string }[] }] = JSON.parse(stdout)
const packed = new Set(files.map(({ path }) => path))
t.ok(packed.has('README.md'))

for (const page of [...packed].filter((path) => path.endsWith('.md'))) {
  t.test(`every link of ${page} leads to what is in the package`, async (t) => {
    const text = await readFile(new URL(page, root), 'utf8')
    const headings = [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => `#${heading.toLowerCase().replaceAll(/[^\w\- ]/g, '').replaceAll(' ', '-')}`)
    for (const [, target = ''] of text.matchAll(/\]\(([^)]*)\)/g)) {
      if (target.startsWith('#')) t.ok(headings.includes(target), target)
      else if (!target.startsWith('https://')) t.ok(packed.has(posix.join(posix.dirname(page), target)), target)
    }
    t.end()
  })
}
