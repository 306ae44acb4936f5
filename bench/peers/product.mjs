import { pathToFileURL } from 'node:url'
import { address, records } from './settings.mjs'

// The product as `npm start` gives it, but for the records that it starts with.

const { createStandalone } = await import(pathToFileURL(`${process.env.PRODUCT}/dist/standalone.cjs`))
const app = createStandalone({ records, logger: { level: 'info' } })
await app.listen(address)
