import { Type } from '@sinclair/typebox'
import { defineResource } from '../schemas/resource.js'

const first = { title: Type.String({ minLength: 1, maxLength: 100 }), number: Type.Integer({ minimum: 0 }), note: Type.Optional(Type.String({ maxLength: 200 })) }
const second = { ...first, pages: Type.Optional(Type.Integer({ minimum: 1 })), shelf: Type.Optional(Type.String({ maxLength: 20 })) }
const third = { ...second, stars: Type.Integer({ minimum: 1, maximum: 5, default: 3 }) }

const named = { name: 'book', plural: 'books', description: 'A book, of which more and more is known' } as const
const filters = { title: ['eq'], number: ['lt', 'gte'] } as const
const morefilters = { ...filters, pages: ['eq', 'gte', 'exists'] } as const

/** The schemas of one resource, one after the other. */
export const GROWING = {
  first: defineResource({ ...named, properties: first, filters }),
  /** Two optional properties more, with filters and an order. */
  second: defineResource({ ...named, properties: second, filters: morefilters }),
  /** One more, with a default. */
  third: defineResource({ ...named, properties: third, filters: { ...morefilters, stars: ['eq'] } }),
  /** Something that must be unique, and is. */
  numbered: defineResource({ ...named, properties: third, filters: { ...morefilters, stars: ['eq'] }, unique: [['number']] }),
  /** Something that must be unique, and is not. */
  starred: defineResource({ ...named, properties: third, filters: { ...morefilters, stars: ['eq'] }, unique: [['stars']] }),
  /** One more that every record must have, and none has. */
  demanding: defineResource({ ...named, properties: { ...third, author: Type.String() } })
}
