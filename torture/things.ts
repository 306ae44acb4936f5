import { createApi, serve } from '../index.js'
import { things, uuidThings } from '../test/resources.js'

// The program of somebody with another resource: the one of them that RESOURCE names.

const RESOURCES = { things, 'uuid-things': uuidThings }

const asked = Object.entries(RESOURCES).find(([name]) => name === process.env.RESOURCE)
if (asked === undefined) throw new Error(`there is no resource ${process.env.RESOURCE}`)

serve(createApi({ resources: [asked[1]] }))
