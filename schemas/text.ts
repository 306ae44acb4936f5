import { Type, type StringOptions, type TString } from '@sinclair/typebox'

/** The most characters of a request's line and its fields together, and so of any text in them: room for the cursor of a list that is sorted by long text. */
export const MOST_IN_FIELDS = 32 * 1024

export interface TextOptions extends StringOptions {
  /** The most characters (Unicode code points) that the text may have. */
  maxLength: number
}

/**
 * Text that a person wrote: at least one character, not only white space, no U+0000 (which no PostgreSQL text can hold, and so no
 * text here). `x-messages` says in words what a broken keyword means.
 */
export function Text (options: TextOptions): TString {
  return Type.String({
    minLength: 1,
    pattern: '^(?!\\s+$)[^\\u0000]*$',
    ...options,
    'x-messages': {
      pattern: 'must not be only white space, nor contain U+0000'
    }
  })
}
