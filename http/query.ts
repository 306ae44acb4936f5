import { parse, type ParsedUrlQuery } from 'node:querystring'
import { badRequest } from './error.js'

/**
 * Reads the query of a request target, whatever parser the host app has: text, or all texts of a parameter that is repeated.
 * Throws 400 where a name or value is not percent-encoded UTF-8: there is no text that it could stand for.
 */
export function readQuery (target: string): ParsedUrlQuery {
  const query = queryOf(target)
  for (const pair of query.split('&')) {
    const [parameter = ''] = pair.split('=', 1)
    if (!isEncoded(pair)) throw badRequest([{ in: 'query', parameter, detail: 'must be percent-encoded UTF-8' }])
  }
  return parse(query, '&', '=', { maxKeys: 0 })
}

/** The query of a request target, without the question mark. */
export function queryOf (target: string): string {
  const start = target.indexOf('?')
  return start === -1 ? '' : target.slice(start + 1)
}

function isEncoded (text: string): boolean {
  try {
    decodeURIComponent(text)
    return true
  } catch {
    return false
  }
}
