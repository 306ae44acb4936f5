import { execFile, spawnSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import t from 'tap'
import { build } from './build.js'

const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')
const blocks = (language: string) => [...readme.matchAll(new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 'gs'))].map(([, text = '']) => text)

const run = promisify(execFile)
const hasCurl = spawnSync('curl', ['--version']).status === 0

t.test('every command answers as printed', { skip: hasCurl ? false : 'there is no curl on this machine' }, async (t) => {
  const app = build(t)
  const address = await app.listen({ port: 0, host: '127.0.0.1' })
  const examples = blocks('console').flatMap((block) => block.split(/^\$ /m).slice(1))
  t.ok(examples.length > 10)
  for (const example of examples) {
    const [command = '', printed = ''] = example.split(/\n(.*)/s)
    const { stdout } = await run('sh', ['-c', command.replace('curl', 'curl -s').replaceAll('http://127.0.0.1:8000', address)])
    t.equal(lasting(stdout), printed.trim(), command)
  }
})

/** Without the fields that differ each time. */
function lasting (answer: string): string {
  return answer.replaceAll('\r', '').replace(/^(date|connection|keep-alive): .*\n/gim, '').trim()
}

t.test('the example of a host is the file in examples', async (t) => {
  const file = await readFile(new URL('../examples/host.mjs', import.meta.url), 'utf8')
  t.same(blocks('js'), [file])
})
