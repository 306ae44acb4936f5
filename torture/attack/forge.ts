import { hash } from 'node:crypto'

/** What can be in a cursor. */
export type Value = string | number

/**
 * A cursor as anybody can make one who has read how: the values that a page ended with, the id last, behind a digest of them and of
 * the order, whose keys are written as in `sort`.
 */
export function forgeCursor (keys: readonly string[], values: readonly Value[]): string {
  const all = keys.some((key) => key.endsWith('id')) ? keys : [...keys, 'id']
  const order = all.map((key) => ({ property: key.replace('-', ''), descending: key.startsWith('-') }))
  const content = values.map((value) => `${typeof value === 'number' ? 'n' : 't'}${value}`).join('\0')
  const seal = hash('sha256', `${JSON.stringify(order)}\n${content}`, 'base64url').slice(0, 12)
  return seal + Buffer.from(content).toString('base64url')
}
