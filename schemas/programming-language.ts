import { Type, type Static } from '@sinclair/typebox'
import { defineResource } from './resource.js'
import { Text } from './text.js'

/**
 * The one resource of this API, and the only file that knows its properties.
 * A property added here is validated, served, documented, stored and sortable everywhere.
 */
const properties = {
  name: Text({
    maxLength: 200,
    description: 'What the language is called',
    examples: ['Simula 67']
  }),
  publication_year: Type.Integer({
    minimum: 1,
    maximum: 9999,
    description: 'The year in which the language was first published',
    examples: [1967]
  }),
  contribution: Text({
    maxLength: 2000,
    description: 'What the language brought that was new',
    examples: ['classes and objects, inheritance, coroutines']
  })
}

export const programmingLanguage = defineResource({
  name: 'programming_language',
  plural: 'programming_languages',
  description: 'A programming language and what it is remembered for',
  properties,
  filters: {
    before_year: {
      property: 'publication_year',
      operator: 'lt',
      default: 30000,
      examples: [1970],
      description: 'Only languages published before this year, which is not included'
    },
    after_year: {
      property: 'publication_year',
      operator: 'gt',
      default: 0,
      examples: [1959],
      description: 'Only languages published after this year, which is not included'
    },
    name: ['eq'],
    publication_year: ['eq']
  },
  records: [
    { name: 'COBOL', publication_year: 1960, contribution: 'record data' },
    { name: 'ALGOL', publication_year: 1958, contribution: 'scoping and nested functions' },
    { name: 'APL', publication_year: 1962, contribution: 'array processing' },
    { name: 'BASIC', publication_year: 1964, contribution: 'runtime interpretation, office tooling' },
    { name: 'PL/I', publication_year: 1966, contribution: 'constants, function overloading, pointers' },
    { name: 'SIMULA67', publication_year: 1967, contribution: 'class/object split, subclassing, protected attributes' },
    { name: 'Pascal', publication_year: 1970, contribution: 'modern unary, binary, and assignment operator syntax expectations' },
    { name: 'CLU', publication_year: 1975, contribution: 'iterators, abstract data' }
  ]
})

export type ProgrammingLanguage = Static<typeof programmingLanguage.schemas.record>
export type NewProgrammingLanguage = Static<typeof programmingLanguage.schemas.creation>
