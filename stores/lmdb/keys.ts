import type { Value } from '../store.js'

// What a key of an index is made of: a value and an id, as bytes whose order is theirs. As text of one character for
// each byte, keys are compared with `<`.

/**
 * The most code units of a text that a key holds, so that it fits: LMDB takes 1,978 bytes. Of a longer text it holds the
 * beginning alone.
 */
export const MOST_UNITS = 480

/** Writes the key of a value and an id; an infinite id stands before or after all of the value. */
export function encodeKey (value: Value, id: number): string {
  return (typeof value === 'number' ? NUMBER + encodeNumber(value) : TEXT + encodeText(value)) + encodeNumber(id)
}

/**
 * The bytes of the key of an id, which is its own value; good until the next call, as LMDB copies them. Each read
 * needs one, so nothing is made for it.
 */
export function bytesOfId (id: number): Buffer {
  idBytes.writeDoubleBE(id, NUMBER.length)
  idBytes.writeUInt8(idBytes.readUInt8(NUMBER.length) ^ SIGN, NUMBER.length)
  return idBytes.copyWithin(NUMBER.length + ID_LENGTH, NUMBER.length, NUMBER.length + ID_LENGTH)
}

/** The value of a key, or the beginning of it that the key holds. */
export function valueOfKey (key: string): Value {
  const value = key.slice(TEXT.length, -ID_LENGTH)
  return key.startsWith(TEXT) ? Buffer.from(value.slice(0, -END.length), 'latin1').toString() : decodeNumber(value)
}

export const idOfKey = (key: string): number => decodeNumber(key.slice(-ID_LENGTH))

export const toBytes = (key: string): Buffer => Buffer.from(key, 'latin1')
export const fromBytes = (bytes: Buffer): string => bytes.toString('latin1')

const NUMBER = '\x01'
const TEXT = '\x02'
/** No text here has a U+0000. */
const END = '\0'
const ID_LENGTH = 8

const SIGN = 0x80

const scratch = Buffer.alloc(ID_LENGTH)
const idBytes = Buffer.alloc(NUMBER.length + 2 * ID_LENGTH, NUMBER)

/** A double whose bytes are in the order of the numbers: the sign bit turned over, and all bits of a negative one. */
function encodeNumber (number: number): string {
  scratch.writeDoubleBE(number)
  turn(number < 0)
  return fromBytes(scratch)
}

function decodeNumber (bytes: string): number {
  scratch.write(bytes, 'latin1')
  turn(bytes < '\x80')
  return scratch.readDoubleBE()
}

function turn (all: boolean): void {
  scratch.forEach((byte, i) => { scratch[i] = byte ^ (all ? 0xff : i === 0 ? SIGN : 0) })
}

/** The bytes of UTF-8 are in the order of the code points. */
function encodeText (text: string): string {
  return fromBytes(Buffer.from(beginningOf(text))) + END
}

/** The beginning of a text, up to the end of a character. */
function beginningOf (text: string): string {
  return text.slice(0, isHighSurrogate(text.charCodeAt(MOST_UNITS - 1)) ? MOST_UNITS + 1 : MOST_UNITS)
}

const isHighSurrogate = (unit: number): boolean => unit >= 0xd800 && unit < 0xdc00
