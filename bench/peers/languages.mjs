import { records } from './settings.mjs'

/** What the JavaScript peers have in place of a database: a `Map`, looked through from the start for a list. */
export const languages = new Map(records.map((fields, id) => [id, { id, ...fields }]))

export function list ({ after_year: after = 0, before_year: before = 30000, limit = 100 }) {
  const found = []
  for (const language of languages.values()) {
    if (language.publication_year > after && language.publication_year < before) found.push(language)
    if (found.length >= limit) break
  }
  return found
}

let nextId = languages.size

export function create (body) {
  const language = toLanguage(nextId++, body)
  languages.set(language.id, language)
  return language
}

/** Undefined where there is none. */
export function replace (id, body) {
  if (!languages.has(id)) return undefined
  const language = toLanguage(id, body)
  languages.set(id, language)
  return language
}

function toLanguage (id, body) {
  return { id, name: body.name, publication_year: body.publication_year, contribution: body.contribution }
}

/** The check of those peers that bring none of their own. */
export function isLanguage (body) {
  return typeof body?.name === 'string' && Number.isInteger(body.publication_year) && typeof body.contribution === 'string'
}
