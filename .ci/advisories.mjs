import { readFileSync } from 'node:fs'
import semver from 'semver'

// Compares a lock file with a list of known advisories, for a registry that has no audit: `node .ci/advisories.mjs package-lock.json .ci/advisories.json`.
// Prints "ok" or "not ok" for what it finds, and fails if a locked version is in the range of an advisory. The source of an advisory is where its id
// and its range were read, or the advisory itself, where they are well known.

const [lockFile, listFile] = process.argv.slice(2)
const { packages } = JSON.parse(readFileSync(lockFile, 'utf8'))
const { date, advisories } = JSON.parse(readFileSync(listFile, 'utf8'))

const locked = Object.entries(packages).map(([path, { name, version }]) => ({ name: name ?? path.split('node_modules/').pop(), version }))

const found = advisories.flatMap(({ id, package: name, vulnerable, severity, title, source }) => {
  // Throws where the text is no range, which nothing would be in.
  const range = new semver.Range(vulnerable, { includePrerelease: true })
  return locked.filter((one) => one.name === name && range.test(one.version))
    .map(({ version }) => `${name} ${version} is in ${vulnerable} of ${id} (${severity}): ${title}, ${source}`)
})

const age = Math.floor((Date.now() - Date.parse(date)) / (24 * 60 * 60 * 1000))
console.log(`# the list is of ${date}, ${age} days ago: it knows nothing of later advisories`)
for (const one of new Set(found)) console.log(`not ok - ${one}`)
if (found.length === 0) console.log(`ok - no locked version is in one of ${advisories.length} advisories`)
else process.exitCode = 1
