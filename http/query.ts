import type { Violation } from '../schemas/problem.js'

/** The parameters of a URL's query: text, or all texts of a parameter that is repeated. */
type QueryText = Record<string, string | string[]>

/** Reads the query of a request target, whatever parser the host app has. A parameter that is not percent-encoded UTF-8 has no text: it is a violation. */
export function readQuery (target: string): { values: QueryText, violations: readonly Violation[] } {
  const parameters = new Map<string, string | string[]>()
  const violations: Violation[] = []
  for (const pair of queryOf(target).split('&')) {
    if (pair === '') continue
    const [rawName = '', ...rawValue] = pair.split('=')
    const [name, value] = [decode(rawName), decode(rawValue.join('='))]
    if (name === undefined || value === undefined) {
      violations.push({ in: 'query', parameter: name ?? rawName, detail: 'must be percent-encoded UTF-8' })
      continue
    }
    const before = parameters.get(name)
    if (Array.isArray(before)) before.push(value)
    else parameters.set(name, before === undefined ? value : [before, value])
  }
  return { values: Object.fromEntries(parameters), violations }
}

/** The query of a request target, without the question mark. */
export function queryOf (target: string): string {
  const start = target.indexOf('?')
  return start === -1 ? '' : target.slice(start + 1)
}

function decode (text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return undefined
  }
}
