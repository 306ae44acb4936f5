import { HttpError } from '../http/error.js'

/** Says for a person, in one line, why something failed. */
export function reasonOf (error: unknown): string {
  if (error instanceof HttpError) return error.violations.map(({ parameter, detail }) => `${parameter} ${detail}`).join('; ')
  return String(error).replace(/^(Error|StoreUnavailable): /, '')
}
