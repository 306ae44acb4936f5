import { hash, timingSafeEqual } from 'node:crypto'
import { readFileSync } from 'node:fs'
import bearerAuth from '@fastify/bearer-auth'
import type { FastifyInstance } from 'fastify'
import { HttpError } from '../http/error.js'
import type { Guard } from '../routes/options.js'
import { reasonOf } from './failure.js'
import type { Settings } from './settings.js'

/** The tokens that are taken. */
export interface Tokens {
  /** Tells whether a token is one of them, in a time that says nothing of any of them. */
  has (token: string): boolean
  /** Takes others in their place. */
  replace (tokens: readonly string[]): void
}

/** The spelling of a token (RFC 6750, section 2.1). */
const TOKEN = /^[A-Za-z0-9._~+/-]+=*$/

/** Lists the tokens of some settings. Throws where the file of them cannot be read. */
export function readTokens ({ API_TOKENS: listed, API_TOKENS_FILE: file }: Settings): readonly string[] {
  return [...listed?.split(',') ?? [], ...file === undefined ? [] : readTokensOf(file)]
}

export function createTokens (first: readonly string[] = []): Tokens {
  let digests: readonly Buffer[] = []
  replace(first)
  return { has, replace }

  function replace (tokens: readonly string[]): void {
    // Digests are of one length, and an order among them says nothing of the tokens.
    digests = tokens.map(digestOf)
  }

  function has (token: string): boolean {
    const digest = digestOf(token)
    return digests.filter((known) => timingSafeEqual(known, digest)).length > 0
  }
}

const digestOf = (token: string): Buffer => hash('sha256', token, 'buffer')

/** The tokens in a file: one a line, but for empty lines. */
function readTokensOf (file: string): readonly string[] {
  let text
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    throw new Error(`API_TOKENS_FILE cannot be read: ${reasonOf(error)}`, { cause: error })
  }
  const lines = text.split('\n').map((line) => line.trim())
  const bad = lines.findIndex((line) => line !== '' && !TOKEN.test(line))
  if (bad !== -1) throw new Error(`API_TOKENS_FILE has no token, as RFC 6750 spells one, in line ${bad + 1}`)
  return lines.filter((line) => line !== '')
}

/** Makes what guards an API in an app: each write, or also each read, needs one of the tokens (RFC 6750). */
export async function createGuard (app: FastifyInstance, tokens: Tokens, { title, reads }: { title: string, reads: boolean }): Promise<Guard> {
  // A scheme of authentication has no case (RFC 9110, section 11.1), which the plugin knows by the number of another RFC.
  await app.register(bearerAuth, { addHook: false, keys: [], auth: (token) => tokens.has(token), specCompliance: 'rfc6749', verifyErrorLogLevel: 'debug' })
  const challenge = `Bearer realm="${title.replaceAll(/["\\]/g, '\\$&')}"`
  return {
    securitySchemes: { token: { type: 'http', scheme: 'bearer', description: 'A token that whoever runs the server has given' } },
    reads,
    onRequest (request, reply, done) {
      const refused = () => request.headers.authorization === undefined
        ? new HttpError('unauthorized', 'this needs a token', { 'www-authenticate': challenge })
        : new HttpError('unauthorized', 'the token is not taken', { 'www-authenticate': `${challenge}, error="invalid_token"` })
      app.verifyBearerAuth?.(request, reply, (error) => done(error && refused()))
    }
  }
}
