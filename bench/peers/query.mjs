import { createServer } from 'node:http'
import pg from 'pg'
import { address, records } from './settings.mjs'

// The limit of a store in PostgreSQL: the same single query through the same pool, and nothing else.

const PATH = '/programming_languages'
const ITEM = `${PATH}/`
const JSON_TYPE = 'application/json; charset=utf-8'
const COLUMNS = 'id, name, publication_year, contribution'

const GET = { name: 'get', text: `select ${COLUMNS} from languages where id = $1` }
const INSERT = { name: 'insert', text: `insert into languages (name, publication_year, contribution) values ($1, $2, $3) returning ${COLUMNS}` }

const types = new pg.TypeOverrides()
types.setTypeParser(pg.types.builtins.INT8, Number)
const pool = new pg.Pool({ connectionString: process.env.STORE, max: 10, types })

await pool.query(`create table languages (
  id bigint generated always as identity (start with 0 minvalue 0) primary key,
  name text COLLATE "C" not null, publication_year bigint not null, contribution text COLLATE "C" not null
)`)
// The indexes that the store makes.
for (const keys of [
  'name, id, publication_year', 'name desc, id, publication_year',
  'publication_year, id, hashtextextended(name, 0)', 'publication_year desc, id, hashtextextended(name, 0)',
  'left(contribution, 600), hashtextextended(name, 0), publication_year', 'id, hashtextextended(name, 0), publication_year'
]) {
  await pool.query(`create index on languages (${keys})`)
}
for (const record of records) await insert(record)

createServer(async (request, response) => {
  if (request.method === 'GET') {
    const { rows: [row] } = await pool.query({ ...GET, values: [Number(request.url.slice(ITEM.length))] })
    send(response, 200, JSON.stringify(row), [])
  } else {
    const chunks = []
    for await (const chunk of request) chunks.push(chunk)
    const row = await insert(JSON.parse(Buffer.concat(chunks)))
    send(response, 201, JSON.stringify(row), ['Location', ITEM + row.id])
  }
}).listen(address)

async function insert ({ name, publication_year: year, contribution }) {
  const { rows: [row] } = await pool.query({ ...INSERT, values: [name, year, contribution] })
  return row
}

function send (response, status, text, fields) {
  response.writeHead(status, ['Content-Type', JSON_TYPE, 'Content-Length', Buffer.byteLength(text), ...fields]).end(text)
}
