import { Type } from '@sinclair/typebox'
import { createApi, defineResource, serve } from 'programming-languages-api'

const books = defineResource({
  name: 'book',
  plural: 'books',
  description: 'A book',
  properties: { title: Type.String({ maxLength: 300 }), in_print: Type.Boolean({ default: true }) },
  filters: { in_print: ['eq'] },
  records: [{ title: 'The Mythical Man-Month', in_print: true }]
})

await serve(createApi({ resources: [books], title: 'Library' }))
