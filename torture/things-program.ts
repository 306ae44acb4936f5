import { createApi, defineResource, serve } from '../index.js'
import { THINGS } from '../test/resources.js'
import { SHARED, sharedName } from './resource.js'
import { things } from './things.js'

// The program of somebody with another resource: the one that RESOURCE names, which starts with as many records as RECORDS says, or as many as the torture shares.

const { RESOURCE, RECORDS = SHARED } = process.env
const records = Array.from({ length: Number(RECORDS) }, (_, i) => JSON.parse(JSON.stringify(things.makeFields(sharedName(i), 0, 'start'))))

serve(createApi({ resources: [defineResource({ ...THINGS, records, id: RESOURCE === 'uuid-things' ? 'uuid' : ['shelf', 'place'] })] }))
