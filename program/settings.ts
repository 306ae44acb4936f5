import { Type, type Static } from '@sinclair/typebox'
import { compile } from '../http/validation.js'
import { StringEnum } from '../schemas/string-enum.js'
import { KEY_LIFETIME, LONGEST_KEY_LIFETIME, LONGEST_WAIT } from '../stores/store.js'

/** What the environment can set. */
const Environment = Type.Object({
  HOST: Type.String({ minLength: 1, default: '127.0.0.1', description: 'The address to listen at' }),
  PORT: Type.Integer({ minimum: 0, maximum: 65535, default: 8000, description: 'The port to listen at; 0 for any free one' }),
  STORE: Type.String({ minLength: 1, default: 'memory:', description: 'Where the records live, as a URL' }),
  STORE_WAIT: Type.Integer({ minimum: 0, maximum: LONGEST_WAIT, default: 30, description: 'For how many seconds to wait at the start for a database that is not up' }),
  WORKERS: Type.Integer({ minimum: 1, maximum: 1024, default: 1, description: 'How many processes serve; 1 for this one alone' }),
  IDEMPOTENCY_KEY_LIFETIME: Type.Integer({
    minimum: 1,
    maximum: LONGEST_KEY_LIFETIME,
    default: KEY_LIFETIME,
    description: 'For how many seconds an Idempotency-Key is remembered'
  }),
  LOG_LEVEL: StringEnum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
    default: 'info',
    description: 'What to log; from `debug` on, also a line for each request and each answer'
  })
})

export type Settings = Static<typeof Environment>

const { parse } = compile(Environment, 'query')

/** Reads the settings from the environment. Throws where one is bad, with a violation for each. */
export function readSettings (environment: NodeJS.ProcessEnv): Settings {
  return parse({ ...environment })
}
