import { badRequest } from './error.js'

/** The parameters of a URL's query: text, or all texts of a parameter that is repeated. */
type QueryText = Record<string, string | string[]>

/**
 * Reads the query of a request target, whatever parser the host app has. Throws 400 where a name or value is not
 * percent-encoded UTF-8: there is no text that it could stand for.
 */
export function readQuery (target: string): QueryText {
  const query = queryOf(target)
  if (query === '') return {}
  const parameters = new Map<string, string | string[]>()
  for (const [name, value] of pairsOf(query)) {
    const before = parameters.get(name)
    if (Array.isArray(before)) before.push(value)
    else parameters.set(name, before === undefined ? value : [before, value])
  }
  return Object.fromEntries(parameters)
}

function pairsOf (query: string): [string, string][] {
  return query.split('&').filter((pair) => pair !== '').map((pair) => {
    const [name = '', ...value] = pair.split('=')
    return [decode(name, name), decode(value.join('='), name)]
  })
}

/** The query of a request target, without the question mark. */
export function queryOf (target: string): string {
  const start = target.indexOf('?')
  return start === -1 ? '' : target.slice(start + 1)
}

function decode (text: string, parameter: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    throw badRequest([{ in: 'query', parameter, detail: 'must be percent-encoded UTF-8' }])
  }
}
