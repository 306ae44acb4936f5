import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'

/** The rooms of the house, from the top down: a file imports from its own room and from those below it. */
const ROOMS = ['index.ts', 'program', 'app.ts', 'routes', 'openapi', 'plugins', 'http', 'stores', 'schemas']

const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.ts'], { encoding: 'utf8' }).trim().split('\n')
  .filter((file) => ROOMS.includes(roomOf(file)))
const imports = new Map(files.map((file) => [file, importsOf(file)]))

function roomOf (file: string): string {
  return file.split('/', 1).join()
}

/** The files that a file imports, types included. */
function importsOf (file: string): string[] {
  return Array.from(readFileSync(file, 'utf8').matchAll(/(?:from|import) ?\(?'(\.[^']+)\.js'/g), ([, path = '']) => join(dirname(file), `${path}.ts`))
}

t.test('no import leads up', (t) => {
  const up = [...imports].flatMap(([file, imported]) => imported
    .filter((other) => ROOMS.indexOf(roomOf(other)) < ROOMS.indexOf(roomOf(file)))
    .map((other) => `${file} -> ${other}`))
  t.same(up, [])
  t.ok(files.length > 50)
  t.end()
})

t.test('no imports lead in a circle', (t) => {
  const done = new Set<string>()
  const circles: string[] = []

  function visit (file: string, path: readonly string[]): void {
    if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(' -> '))
    if (done.has(file) || path.includes(file)) return
    for (const other of imports.get(file) ?? []) visit(other, [...path, file])
    done.add(file)
  }

  for (const file of files) visit(file, [])
  t.same(circles, [])
  t.end()
})

t.test('one file alone knows the properties of the language', (t) => {
  const knowing = files.filter((file) => /publication_year|contribution|programming_language|cobol/i.test(readFileSync(file, 'utf8')))
  t.same(knowing, ['schemas/programming-language.ts'])
  t.end()
})
