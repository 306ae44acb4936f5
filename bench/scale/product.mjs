import { pathToFileURL } from 'node:url'
import { makeRecord } from '../lib/records.mjs'

/** The compiled product in a folder. */
export async function importProduct (folder) {
  const load = (file) => import(pathToFileURL(`${folder}/dist/${file}`))
  const { model, openStore } = await load('app.js')
  const { encodeCursor } = await load('http/cursor.js')
  const { createStandalone } = await load('standalone.cjs')
  return {
    openStore: (url) => openStore(url, model),
    createApp: (store) => createStandalone({ store }),
    /** The cursor of the page behind a record, in ascending order of some properties. */
    cursorOf: (record, ...properties) => encodeCursor(record, properties.map((property) => ({ property, descending: false })), model.properties),
    // The first list that needs an index makes it, slice by slice.
    makeIndexes: (store) => Promise.all(model.sortable.map((property) => store.list({ where: [], order: [{ property, descending: false }], limit: 1 })))
  }
}

/** A record as it comes from a client: what is parsed shares no text with what made it. */
export const parsedRecord = (i) => JSON.parse(JSON.stringify(makeRecord(i)))

/** Random numbers below a limit, the same in every run. */
export function createRandom () {
  let state = 1
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor(state / 2 ** 32 * limit)
  }
}
