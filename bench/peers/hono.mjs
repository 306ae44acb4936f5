import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { validator } from 'hono/validator'
import { create, isLanguage, languages, list, replace } from './languages.mjs'
import { address } from './settings.mjs'

const app = new Hono()

const language = validator('json', (value, c) => isLanguage(value) ? value : c.json({ error: 'not a language' }, 400))

app.get('/programming_languages', (c) => {
  const query = c.req.query()
  const numbers = Object.fromEntries(Object.entries(query).map(([name, value]) => [name, Number(value)]))
  return c.json({ programming_languages: list(numbers) })
})

app.get('/programming_languages/:id', (c) => {
  const found = languages.get(Number(c.req.param('id')))
  return found ? c.json(found) : c.notFound()
})

app.post('/programming_languages', language, (c) => {
  const created = create(c.req.valid('json'))
  return c.json(created, 201, { location: `/programming_languages/${created.id}` })
})

app.put('/programming_languages/:id', language, (c) => {
  const replaced = replace(Number(c.req.param('id')), c.req.valid('json'))
  return replaced ? c.json(replaced) : c.notFound()
})

serve({ fetch: app.fetch, hostname: address.host, port: address.port })
