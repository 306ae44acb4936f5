import { parseArgs } from 'node:util'
import type { Keywords } from '../schemas/keywords.js'
import { SETTINGS } from './settings.js'

/** The questions that a command line can ask; the program answers one in place of serving. */
const QUESTIONS = {
  help: 'Print this, and end',
  version: 'Print the version of the API, and end',
  'print-sql': 'Print the statements that make the tables in PostgreSQL, for whoever may make them, and end'
}

export type Question = keyof typeof QUESTIONS

/** The settings, with the flag of each: that of `BASE_PATH` is `--base-path`. */
const BY_FLAG: ReadonlyMap<string, Keywords & { readonly name: string }> = new Map(Object.entries<Keywords>(SETTINGS.properties)
  .map(([name, schema]) => [name.toLowerCase().replaceAll('_', '-'), { ...schema, name }]))

const isSwitch = (flag: string): boolean => isQuestion(flag) || BY_FLAG.get(flag)?.type === 'boolean'

/**
 * Reads the arguments of a command line: what it asks for, and the settings that it has, as text by their names. Of what is
 * no setting, the argument itself is the name.
 */
export function readCommandLine (args: readonly string[]): { readonly question: Question | undefined, readonly flags: Readonly<Record<string, unknown>> } {
  const known = [...BY_FLAG.keys(), ...Object.keys(QUESTIONS)]
  const options = Object.fromEntries(known.map((flag) => [flag, { type: isSwitch(flag) ? 'boolean' as const : 'string' as const }]))
  // Not strictly: it would refuse the first that is unknown, and all that are bad are to be named.
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true, strict: false })
  // A flag that stands where the value of another should be is no value: that other has none.
  const flags = Object.entries(values).map(([flag, value]) => [BY_FLAG.get(flag)?.name ?? `--${flag}`, String(value).startsWith('--') || value] as const)
  return {
    question: Object.keys(values).find(isQuestion),
    flags: Object.fromEntries([...flags, ...positionals.map((argument) => [argument, argument] as const)])
  }
}

/** Describes the flags of a program for a person. */
export function describeFlags (title: string): string {
  const rows = [
    ...Array.from(BY_FLAG, ([flag, { name, type, default: standard, description }]) => [
      isSwitch(flag) ? `--${flag}` : `--${flag} <${String(type)}>`,
      `${description} (${name}${standard === undefined ? '' : `, default ${JSON.stringify(standard)}`})`
    ] as const),
    ...Object.entries(QUESTIONS).map(([flag, meaning]) => [`--${flag}`, meaning] as const)
  ]
  const width = Math.max(...rows.map(([flag]) => flag.length))
  const lines = rows.map(([flag, meaning]) => `  ${flag.padEnd(width)}  ${meaning}\n`)
  return `${title}\n\nEach setting is a flag, or the variable of the environment in brackets; the flag counts for more.\n\n${lines.join('')}`
}

function isQuestion (flag: string): flag is Question {
  return Object.hasOwn(QUESTIONS, flag)
}
