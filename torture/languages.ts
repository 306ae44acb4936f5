export interface Fields {
  readonly name: string
  readonly publication_year: number
  readonly contribution: string
}

export const LIST = '/programming_languages'
export const pathOf = (id: number): string => `${LIST}/${id}`

/** The languages that a new store starts with: ids from 0 on. */
export const SEEDED = 8

/**
 * What a writer makes of a language: its version and its writer are in every property, so that what is half of one write
 * and half of another is seen. Texts are of many lengths, so that some fill pages of their own.
 */
export function makeFields (language: string, version: number, writer: string): Fields {
  const contribution = `version ${version} of ${language} by ${writer}`
  return { name: `${language}: ${version} by ${writer}`, publication_year: yearOf(contribution), contribution: contribution.padEnd(lengthOf(contribution), '.') }
}

/** The unique name of a language, which every version keeps. */
export const languageOf = (name: string): string => name.split(':', 1)[0] ?? name

/** Whether a language is one that this client created. */
export const isOf = (client: string, text: string): boolean => text !== '' && JSON.parse(text).name.startsWith(`${client}-`)

const yearOf = (text: string): number => 1 + digest(text) % 9999
const lengthOf = (text: string): number => digest(text) % 5 === 0 ? digest(text) % 2000 : 0

function digest (text: string): number {
  return [...Buffer.from(text)].reduce((sum, byte) => (sum * 31 + byte) % 1_000_003, 7)
}
