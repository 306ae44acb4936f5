import pg from 'pg'
import type { Keywords } from '../../schemas/keywords.js'

/**
 * The conditions in SQL that the values of a column satisfy by their schema, so that people who write to the table with SQL keep to it too.
 * No condition refuses what the schema allows. What SQL cannot say, or says in another way, is left out: formats, multiples, whether a double
 * is an integer, patterns in a syntax that is JavaScript's alone, and all that is inside of JSON.
 */
export function checksOf (column: string, schema: Keywords): string[] {
  const isNumber = schema.type === 'number' || schema.type === 'integer'
  return Object.entries(isNumber ? { ...FINITE, ...schema } : schema).flatMap(([keyword, value]) => {
    const rest = CONDITIONS.get(keyword)?.(value) ?? ''
    return rest === '' ? [] : `${keyword.endsWith('Length') ? `char_length(${column})` : column} ${rest}`
  })
}

/** A double of PostgreSQL may be infinite, or no number: JSON has no word for those. */
const FINITE = { minimum: -Number.MAX_VALUE, maximum: Number.MAX_VALUE }

/** The SQL that follows the column, or its length, for each keyword of JSON Schema. */
const CONDITIONS = new Map<string, (value: unknown) => string>(Object.entries({
  minLength: (least) => `>= ${Number(least)}`,
  maxLength: (most) => `<= ${Number(most)}`,
  minimum: (least) => `>= ${Number(least)}`,
  maximum: (most) => `<= ${Number(most)}`,
  exclusiveMinimum: (bound) => `> ${Number(bound)}`,
  exclusiveMaximum: (bound) => `< ${Number(bound)}`,
  enum: (values) => `in (${[values].flat().map(literal).join(', ')})`,
  const: (value) => `= ${literal(value)}`,
  pattern: (pattern) => {
    const translated = translate(String(pattern))
    return translated === undefined ? '' : `~ ${literal(translated)}`
  }
}))

const literal = (value: unknown): string => pg.escapeLiteral(String(value))

/** The parts of a pattern that mean the same in both languages, or have a translation. Escapes are found before the characters that are in them. */
const TOKENS = /\\u(?![dD][89a-fA-F])[\da-fA-F]{4}|\\[sdwtnvfr^$.*+?()[\]{}|/\\-]|\(\?[:=!]|\((?!\?)|\[\^?|[^\\([]/gu

/** A regular expression of PostgreSQL for one of JavaScript, with the flag "u"; undefined where there may be none. */
function translate (pattern: string): string | undefined {
  const tokens = pattern.match(TOKENS) ?? []
  if (tokens.join('') !== pattern || repeatsOften(pattern)) return undefined
  let inSet = false
  const translated = tokens.map((token) => {
    const within = inSet
    inSet = within ? token !== ']' : token.startsWith('[')
    if (token === '\\s') return within ? SPACE : `[${SPACE}]`
    if (token === '.' && !within) return '[^\\n\\r\\u2028\\u2029]'
    // In a set of PostgreSQL, a bracket may begin the name of a class.
    if (token.startsWith('[') && within) return `\\${token}`
    // No text in PostgreSQL has this character.
    return token === '\\u0000' ? '' : token
  }).join('').replaceAll(/(?<!\\)\[\^\]/g, '.')
  return /(?<!\\)\[\]/.test(translated) ? undefined : translated
}

/** Tells whether a pattern may have more repetitions than the 255 that PostgreSQL takes. */
const repeatsOften = (pattern: string) => Array.from(pattern.matchAll(/[{,](\d+)/g)).some(([, count]) => Number(count) > 255)

/** White space as JavaScript knows it. */
const SPACE = ' \\t\\n\\v\\f\\r\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000\\ufeff'
