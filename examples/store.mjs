import Fastify from 'fastify'
import programmingLanguages, { model, openStore } from 'programming-languages-api'

const app = Fastify()
const store = await openStore('memory:', model)
const watched = {
  ...store,
  async create (fields, once) {
    const entry = await store.create(fields, once)
    app.log.info(entry.item, 'created')
    return entry
  }
}
await app.register(programmingLanguages, { prefix: '/api', store: watched })
await app.register(programmingLanguages, { prefix: '/v1', store: watched })
app.addHook('onClose', () => store.close())
await app.listen({ port: 3000 })
