import { model, openStore } from '../../app.js'
import { createStandalone } from '../../program/standalone.js'
import { makeRecords } from './records.js'

// The API as in an app that has a store of its own, and in it as many records as RECORDS says, where it never had one.

const { STORE = 'memory:', RECORDS = '0' } = process.env

start()

async function start (): Promise<void> {
  const store = await openStore(STORE, model)
  await store.seed(makeRecords(Number(RECORDS)).map((fields) => ({ ...fields })))
  const app = createStandalone({ store, records: [], logger: { level: 'info' } })
  process.stdout.write(`listening at ${await app.listen()}\n`)
}
