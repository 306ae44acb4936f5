import { createStandalone } from '../../standalone.js'
import { makeRecords } from './records.js'

// The API as in an app that has records of its own: as many as RECORDS says, in a store that never had one.

const { STORE = 'memory:', RECORDS = '0' } = process.env

const app = createStandalone({ store: STORE, records: makeRecords(Number(RECORDS)), logger: { level: 'info' } })
app.listen().then((address) => process.stdout.write(`listening at ${address}\n`))
