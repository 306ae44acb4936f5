import { readFileSync } from 'node:fs'

/** Where a server of the benchmark listens. */
export const address = { host: '127.0.0.1', port: Number(process.env.PORT) }

/** The records that it starts with, without ids. */
export const records = JSON.parse(readFileSync(process.env.RECORDS, 'utf8'))
