import t from 'tap'
import { build, call, LANGUAGE, pages, testHttp } from './build.js'
import { openDatabases, runSql, storeIn } from './postgres.js'

// What HTTP promises, all of it, on the PostgreSQL store.
const { fresh } = await openDatabases(t)

await testHttp(storeIn(fresh))

t.test('what SQL wrote, against the schema, ends no list', async (t) => {
  const url = await fresh()
  const app = build(t, { store: url, records: [] })
  await app.ready()
  // As in a table that people made by hand.
  const checks = await runSql(url, "select conname as name from pg_constraint where conrelid = 'programming_languages'::regclass and contype = 'c'")
  await runSql(url, `alter table programming_languages alter publication_year type bigint, ${checks.map(({ name }) => `drop constraint ${name}`).join(', ')}`)
  const long = (end: string) => 'x'.repeat(100_000) + end
  await runSql(url, `insert into programming_languages (name, publication_year, contribution) values
    ('a', 9223372036854775807, 'a'), ('b', 9223372036854775806, $1), ('c', 9007199254740993, $2), ('d', -9223372036854775808, 'd')`, [long('a'), long('b')])
  for (const year of [1958, 1967, 9999]) await call(app, 'POST /programming_languages', { body: { ...LANGUAGE, publication_year: year, contribution: `x${year}` } })

  for (const sort of ['publication_year', '-publication_year', 'contribution', '-contribution', 'name,-publication_year', '-contribution,publication_year']) {
    for (const limit of [1, 2, 5]) {
      const ids = (await pages(app, `/programming_languages?sort=${sort}&limit=${limit}`)).flat().map(({ id }) => Number(id))
      t.equal(new Set(ids).size, ids.length, `${sort}: none twice`)
      t.same([4, 5, 6].filter((id) => !ids.includes(id)), [], `${sort}: none of those that are valid is missing`)
    }
  }
  const { headers } = await call(app, 'GET /programming_languages?sort=contribution&limit=6')
  t.ok(String(headers.link).length < 10_000)
})
