/** How many records there are in each store. */
export const SIZES = {
  memory: [1000, 10_000, 100_000, 1_000_000],
  lmdb: [1_000_000, 10_000_000]
}

/** What is measured at each size; a page twice: after a write, and again with nothing written since. */
export const STEPS = [
  { name: 'view', title: 'view' },
  { name: 'create', title: 'create' },
  { name: 'replace', title: 'replace' },
  { name: 'delete', title: 'delete' },
  { name: 'first', title: 'first page', page: true },
  { name: 'far', title: 'page in the far end', page: true },
  { name: 'filter', title: 'page of a year, 1 in 1,000', page: true },
  { name: 'sorted', title: 'page sorted by name', page: true }
]

/** Where it is measured: in the store alone, and as a whole request without a network. */
export const LEVELS = [
  { name: 'store', title: 'the store alone' },
  { name: 'request', title: 'whole requests' }
]
