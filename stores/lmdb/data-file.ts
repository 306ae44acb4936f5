import { closeSync, fstatSync, openSync, readSync } from 'node:fs'

// LMDB maps its data file into memory and trusts it: the first access to a page that is not there ends the process by a
// signal. So what is in use is looked for in the file before. Its layout is that of LMDB's data version 2, in `mdb.c`.

const MAGIC = 0xbeefc0de
const HEADER_SIZE = 24
const META_SIZE = 136
/** The number of the root page of an empty tree: all bits set. */
const NO_PAGE = 2 ** 64
/** The flags of a leaf's node whose data is in pages of its own, or another tree. */
const IS_LONG = 1
const IS_TREE = 2

/** Throws where a file does not begin as a data file does. */
export function checkBeginning (path: string): void {
  withFile(path, (read) => {
    if (readMetas(read).some((meta) => meta.readUInt32LE(0) !== MAGIC)) throw damaged(path)
  })
}

/**
 * Throws where a data file, that nobody writes to meanwhile, lacks pages that are in use. A sound file may be shorter than
 * it says, because pages at its end that are free were perhaps never written; then each page in use is looked for.
 */
export function checkPages (path: string): void {
  withFile(path, (read, size) => {
    const [first, second] = readMetas(read)
    const meta = numberAt(first, 128) > numberAt(second, 128) ? first : second
    const pageSize = pageSizeOf(meta)
    const pages = Math.floor(size / pageSize)
    // The free pages are in a tree of their own.
    const isWhole = numberAt(meta, 120) < pages || [24, 72].every((offset) => hasTree(meta.subarray(offset)))
    if (!isWhole) throw damaged(path)

    function hasTree (tree: Buffer): boolean {
      return hasPages(numberAt(tree, 40), tree.readUInt16LE(6))
    }

    /** Tells whether a page is there, and all those below it. */
    function hasPages (page: number, levels: number): boolean {
      if (page >= pages) return page === NO_PAGE
      return nodesOf(read(page * pageSize, pageSize)).every((node) => {
        if (levels > 1) return hasPages(node.readUIntLE(0, 6), levels - 1)
        const flags = node.readUInt16LE(4)
        const data = node.subarray(8 + node.readUInt16LE(6))
        return flags & IS_TREE ? hasTree(data) : !(flags & IS_LONG) || numberAt(data, 0) + numberAt(data, 16) <= pages
      })
    }
  })
}

/** Reads some bytes of a file, with zeros in place of those that it does not have. */
type Read = (position: number, length: number) => Buffer

function withFile (path: string, look: (read: Read, size: number) => void): void {
  const file = openSync(path, 'r')
  try {
    look((position, length) => {
      const bytes = Buffer.alloc(length)
      readSync(file, bytes, 0, length, position)
      return bytes
    }, fstatSync(file).size)
  } finally {
    closeSync(file)
  }
}

/** The first two pages take turns to say what the last transaction left. */
function readMetas (read: Read): readonly [Buffer, Buffer] {
  const first = read(HEADER_SIZE, META_SIZE)
  return [first, read(pageSizeOf(first) + HEADER_SIZE, META_SIZE)]
}

const pageSizeOf = (meta: Buffer): number => meta.readUInt32LE(24)

function nodesOf (page: Buffer): Buffer[] {
  const count = page.readUInt16LE(20) / 2
  return Array.from({ length: count }, (_, i) => page.subarray(HEADER_SIZE + page.readUInt16LE(HEADER_SIZE + 2 * i)))
}

const numberAt = (bytes: Buffer, offset: number): number => Number(bytes.readBigUInt64LE(offset))

const damaged = (path: string) => new Error(`the file ${path} is cut short, or not of this store`)
