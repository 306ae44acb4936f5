import { Type, type Static } from '@sinclair/typebox'
import { compile } from '../http/validation.js'
import type { Violation } from '../schemas/problem.js'
import { StringEnum } from '../schemas/string-enum.js'
import { KEY_LIFETIME, LONGEST_KEY_LIFETIME, LONGEST_WAIT } from '../stores/store.js'
import { LIMITS } from './limits.js'
import { faultsOfProxies } from './proxies.js'

const MEBIBYTE = 1024 * 1024

const seconds = (milliseconds: number, what: string) => Type.Integer({ minimum: 1, maximum: 3600, default: milliseconds / 1000, description: `For how many seconds ${what}` })

/** An origin as a browser spells it, without a path (RFC 6454, section 6.2). */
const ORIGIN = '[a-z][a-z0-9+.-]*://[^\\s,/?#@A-Z]+'

/** The settings of the program: each is a variable of the environment, or a flag, as `--base-path` is for `BASE_PATH`. */
export const SETTINGS = Type.Object({
  HOST: Type.String({ minLength: 1, default: '127.0.0.1', description: 'The address to listen at' }),
  PORT: Type.Integer({ minimum: 0, maximum: 65535, default: 8000, description: 'The port to listen at; 0 for any free one' }),
  STORE: Type.String({ minLength: 1, default: 'memory:', description: 'Where the records live, as a URL' }),
  STORE_WAIT: Type.Integer({ minimum: 0, maximum: LONGEST_WAIT, default: 30, description: 'For how many seconds to wait at the start for a database that is not up' }),
  BASE_PATH: Type.Optional(Type.String({
    pattern: '^(/(?!\\.{1,2}(/|$))[A-Za-z0-9._~-]+)+$',
    description: 'Below which path clients find the server, where a proxy is in front of it',
    'x-messages': { pattern: 'must be a path such as /languages, without a slash at its end' }
  })),
  TRUST_PROXY: Type.Optional(Type.String({ description: 'The proxies that say from which address and by which scheme a request came: addresses or CIDR networks, with commas between them' })),
  CORS_ORIGIN: Type.Optional(Type.String({
    pattern: `^(\\*|${ORIGIN}( *, *${ORIGIN})*)$`,
    description: 'The origins whose pages may use the API in a browser, with commas between them, or `*` for all',
    'x-messages': { pattern: 'must be origins such as https://app.example, with commas between them, or *' }
  })),
  RATE_LIMIT: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000, description: 'How many requests in a minute each client address may send, to each process' })),
  WORKERS: Type.Integer({ minimum: 1, maximum: 1024, default: 1, description: 'How many processes serve; 1 for this one alone' }),
  IDEMPOTENCY_KEY_LIFETIME: Type.Integer({
    minimum: 1,
    maximum: LONGEST_KEY_LIFETIME,
    default: KEY_LIFETIME,
    description: 'For how many seconds an Idempotency-Key is remembered'
  }),
  API_TOKENS: Type.Optional(Type.String({
    pattern: '^[A-Za-z0-9._~+/-]+=*(,[A-Za-z0-9._~+/-]+=*)*$',
    description: 'Tokens, with commas between them: each write needs one, as `Authorization: Bearer` and the token',
    'x-messages': { pattern: 'must be tokens, as RFC 6750 spells them, with commas between them' }
  })),
  API_TOKENS_FILE: Type.Optional(Type.String({ minLength: 1, description: 'A file with tokens, one a line, which is read again on SIGHUP' })),
  PROTECT_READS: Type.Boolean({ default: false, description: 'Whether reads need a token too' }),
  MAX_CONNECTIONS: Type.Integer({ minimum: 1, maximum: 1_000_000, default: LIMITS.connections, description: 'How many connections may be open at once, for each process' }),
  MAX_UNREAD: Type.Integer({ minimum: 1, maximum: 1024, default: LIMITS.unread / MEBIBYTE, description: 'How many MiB of answers may wait for clients to read them, for each process' }),
  FIELDS_TIMEOUT: seconds(LIMITS.fieldsTimeout, 'the fields of a request may take to come'),
  REQUEST_TIMEOUT: seconds(LIMITS.requestTimeout, 'a request may take to come, with its body'),
  STALL_TIMEOUT: seconds(LIMITS.stallTimeout, 'an answer may stand still because its client does not read'),
  EXCHANGE_TIMEOUT: seconds(LIMITS.exchangeTimeout, 'a request and its answer may take together'),
  SHUTDOWN_DELAY: Type.Integer({ minimum: 0, maximum: 300, default: 0, description: 'For how many seconds to serve on when told to end, while `/health` is 503 already' }),
  MAX_DELAY: Type.Integer({ minimum: 0, maximum: 60_000, default: 0, description: 'For how many milliseconds work may wait for the event loop, in the mean of a second, before requests are 503; 0 for ever' }),
  METRICS: Type.Boolean({ default: false, description: 'Whether to serve figures for Prometheus at `/metrics`' }),
  LOG_LEVEL: StringEnum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
    default: 'info',
    description: 'What to log: `fatal`, `error`, `warn`, `info`, `debug`, `trace` or `silent`; from `debug` on, also what is refused'
  }),
  ACCESS_LOG: StringEnum(['all', 'errors', 'none'], {
    default: 'none',
    description: 'For which answers to log a line: `all`, `errors` (from status 400 on) or `none`'
  })
}, { additionalProperties: false })

export type Settings = Static<typeof SETTINGS>

const { parse } = compile(SETTINGS, 'query')

/** Reads the settings from the environment and from flags, which count for more. Throws where any are bad, with a violation for each. */
export function readSettings (environment: NodeJS.ProcessEnv, flags: Readonly<Record<string, unknown>> = {}): Settings {
  const names = Object.keys(SETTINGS.properties).filter((name) => environment[name] !== undefined)
  const values = { ...Object.fromEntries(names.map((name) => [name, environment[name]])), ...flags }
  return parse(values, [...'TRUST_PROXY' in values ? faultsOfProxies(String(values.TRUST_PROXY)) : [], ...faultsOfProtection(values)])
}

/** Tells whether some settings ask for tokens. */
export const hasTokens = ({ API_TOKENS: listed, API_TOKENS_FILE: file }: { API_TOKENS?: unknown, API_TOKENS_FILE?: unknown }): boolean => listed !== undefined || file !== undefined

/** Names reads that are to be protected with nothing that protects them: a security scheme that an API has of its own knows nothing of this setting. */
function faultsOfProtection (values: Readonly<Record<string, unknown>>): Violation[] {
  if (String(values['PROTECT_READS']) !== 'true' || hasTokens(values)) return []
  return [{ in: 'query', parameter: 'PROTECT_READS', detail: 'needs API_TOKENS or API_TOKENS_FILE' }]
}

/** The limits of the connections that the settings say. */
export function limitsOf ({ MAX_CONNECTIONS, MAX_UNREAD, FIELDS_TIMEOUT, REQUEST_TIMEOUT, STALL_TIMEOUT, EXCHANGE_TIMEOUT }: Settings) {
  return {
    connections: MAX_CONNECTIONS,
    unread: MAX_UNREAD * MEBIBYTE,
    fieldsTimeout: FIELDS_TIMEOUT * 1000,
    requestTimeout: REQUEST_TIMEOUT * 1000,
    stallTimeout: STALL_TIMEOUT * 1000,
    exchangeTimeout: EXCHANGE_TIMEOUT * 1000
  }
}
