/** What the API starts with. */
export const EIGHT = [
  { name: 'COBOL', publication_year: 1960, contribution: 'record data' },
  { name: 'ALGOL', publication_year: 1958, contribution: 'scoping and nested functions' },
  { name: 'APL', publication_year: 1962, contribution: 'array processing' },
  { name: 'BASIC', publication_year: 1964, contribution: 'runtime interpretation, office tooling' },
  { name: 'PL/I', publication_year: 1966, contribution: 'constants, function overloading, pointers' },
  { name: 'SIMULA67', publication_year: 1967, contribution: 'class/object split, subclassing, protected attributes' },
  { name: 'Pascal', publication_year: 1970, contribution: 'modern unary, binary, and assignment operator syntax expectations' },
  { name: 'CLU', publication_year: 1975, contribution: 'iterators, abstract data' }
]

/** The years of the made-up records: each has one record in every thousand. */
export const FIRST_YEAR = 1000
export const YEARS = 1000

/** The same records in every run: names in no order, years in no order but equally often. */
export function makeRecords (count) {
  return Array.from({ length: count }, (_, i) => makeRecord(i))
}

export function makeRecord (i) {
  return {
    name: `${(Math.imul(i, 0x9e3779b1) >>> 0).toString(36)} ${i}`,
    publication_year: FIRST_YEAR + (i * 7919) % YEARS,
    contribution: `${EIGHT[i % EIGHT.length].contribution}, take ${i}`
  }
}
