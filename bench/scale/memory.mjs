// Prints the bytes that each of so many records takes in the product's store, or in a `Map` of plain objects.
// Arguments: the folder of the product, store or map, the number of records. Needs --expose-gc.

import { importProduct, parsedRecord } from './product.mjs'

const [folder, kind, size] = process.argv.slice(2)
const { openStore, makeIndexes } = await importProduct(folder)
const keep = { store: keepInStore, map: keepInMap }[kind]

// Few records are kept several times over, so that what the process itself needs does not count.
const copies = Math.ceil(100_000 / size)

// Compiles what fills them.
await keep(1000)
const before = used()
const kept = []
while (kept.length < copies) kept.push(await keep(Number(size)))
console.log(JSON.stringify({ bytes: (used() - before) / size / copies, kept: kept.length }))

async function keepInStore (size) {
  const store = await openStore('memory:')
  for (let i = 0; i < size; i++) store.create(parsedRecord(i))
  await makeIndexes(store)
  return store
}

function keepInMap (size) {
  const map = new Map()
  for (let id = 0; id < size; id++) {
    const record = parsedRecord(id)
    map.set(id, { id, name: record.name, publication_year: record.publication_year, contribution: record.contribution })
  }
  return map
}

function used () {
  // The second one collects what the first one has made garbage of.
  global.gc()
  global.gc()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
