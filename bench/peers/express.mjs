import express from 'express'
import { create, isLanguage, languages, list, replace } from './languages.mjs'
import { address } from './settings.mjs'

const app = express()
app.use(express.json())

app.get('/programming_languages', (req, res) => {
  const numbers = Object.fromEntries(Object.entries(req.query).map(([name, value]) => [name, Number(value)]))
  res.json({ programming_languages: list(numbers) })
})

app.get('/programming_languages/:id', (req, res) => {
  send(res, languages.get(Number(req.params.id)))
})

app.post('/programming_languages', (req, res) => {
  if (!isLanguage(req.body)) return res.status(400).json({ error: 'not a language' })
  const created = create(req.body)
  res.status(201).location(`/programming_languages/${created.id}`).json(created)
})

app.put('/programming_languages/:id', (req, res) => {
  if (!isLanguage(req.body)) return res.status(400).json({ error: 'not a language' })
  send(res, replace(Number(req.params.id), req.body))
})

function send (res, language) {
  if (language === undefined) res.status(404).json({ error: 'not found' })
  else res.json(language)
}

app.listen(address.port, address.host)
