import { languages } from './languages.js'
import type { Resource } from './resource.js'
import { things, uuidThings } from './things.js'

/** By the names that `--resource` takes. */
export const RESOURCES: Readonly<Record<string, Resource>> = { languages, things, 'uuid-things': uuidThings }
