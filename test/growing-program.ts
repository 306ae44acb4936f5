import { createApi } from '../app.js'
import { serve } from '../index.js'
import { GROWING } from './growing.js'

// The program with the schema that GROWTH names.
const found = Object.entries(GROWING).find(([name]) => name === process.env.GROWTH)
if (found === undefined) throw new Error('there is no such GROWTH')
await serve(createApi({ resources: [found[1]] }))
