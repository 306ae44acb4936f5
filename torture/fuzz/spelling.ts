/** A text as a part of a target has it. */
export const encode = (text: string): string => encodeURIComponent(text.toWellFormed())

/** The bytes of a text, as a field may have them: each as a character, without controls and white space at the ends. */
export const fieldOf = (text: string): string => Buffer.from(text).toString('latin1').replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, '').trim()

/** A value as the text of a parameter. */
export const spell = (value: unknown): string => [value].flat().map((one) => typeof one === 'object' ? JSON.stringify(one) : String(one)).join()
