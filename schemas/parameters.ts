import { Type, type TObject, type TSchema } from '@sinclair/typebox'
import type { Filter } from './filters.js'
import { mapValues } from './keywords.js'
import type { Kind, Property } from './property.js'
import { MOST_IN_FIELDS } from './text.js'

/** How many records a page has where the request does not say, and at most. */
export interface PageLimits {
  readonly default?: number
  readonly most?: number
}

/** The most records that a page may ever have. */
export const MOST_ON_PAGE = 1000

/** The schema of a list's query. */
export function querySchema (filters: Readonly<Record<string, Filter>>, sortable: readonly string[], key: readonly string[], { default: usual = 100, most = MOST_ON_PAGE }: PageLimits = {}): TObject {
  const term = `-?(${sortable.join('|')})`
  return Type.Object({
    ...mapValues(filters, ({ schema }) => Type.Optional(schema)),
    sort: Type.Optional(Type.String({
      pattern: `^${term}(,${term})*$`,
      maxLength: MOST_IN_FIELDS,
      default: key.join(),
      examples: [`-${sortable.at(-1)},${key.join()}`],
      description: `What to order by, comma-separated, "-" before one for descending: ${sortable.join(', ')}. The ${key.join(' and the ')} breaks every tie.`,
      'x-messages': { pattern: `must be a comma-separated list of ${sortable.join(', ')}, each optionally preceded by "-" for descending` }
    })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: most, default: Math.min(usual, most), examples: [10], description: 'The most that a page holds' })),
    cursor: Type.Optional(Type.String({ maxLength: MOST_IN_FIELDS, examples: ['iL8EzP00ps6ibjE5NzAAdFBhc2NhbABuNg'], description: 'Where the page begins: taken from the `next` of the page before' })),
    total: Type.Optional(Type.Boolean({ default: false, examples: [true], description: 'Whether to count all that pass the filters, whatever the page' }))
  }, { additionalProperties: false, ...Object.values(filters).some(({ operator }) => operator === 'in') && SEPARATED })
}

/** Lists are separated by commas, in one parameter: `@fastify/swagger` says so of each parameter where the schema of all says it. */
const SEPARATED = { style: 'form', explode: false }

/** The schema of a page of the list. */
export function pageSchema (plural: string, title: string, label: string, record: TSchema, { most = MOST_ON_PAGE }: PageLimits = {}): TObject {
  return Type.Object({
    [plural]: Type.Array(record, { maxItems: most }),
    next: Type.Optional(Type.String({
      format: 'uri-reference',
      maxLength: MOST_IN_FIELDS,
      description: 'The path of the next page, to be requested as it is; not there on the last page'
    })),
    total: Type.Optional(Type.Integer({ minimum: 0, description: 'How many pass the filters on all pages together; only there where `total=true` asks for it' }))
  }, { $id: `${title}Page`, description: `A page of ${label}`, additionalProperties: false })
}

/** The rule of the kinds that have several spellings: one record has one path. */
const ONE_SPELLING: Partial<Record<Kind, object>> = {
  'date-time': { pattern: '\\.\\d{3}Z$', 'x-messages': { pattern: 'must be in UTC, with milliseconds and Z' } },
  uuid: { pattern: '^[0-9a-f-]*$', 'x-messages': { pattern: 'must be in lower case' } }
}

/** The schema of a path parameter. */
export function pathSchema ({ kind, schema: { readOnly, examples, ...schema } }: Property, label: string): TSchema {
  const rules = { ...schema, ...ONE_SPELLING[kind] }
  return Type.Unsafe(readOnly === true ? { ...rules, description: `The id of the ${label}`, examples: [kind === 'uuid' ? '01890a5d-ac96-774b-bcce-b302099a8057' : 0] } : { ...rules, examples })
}
