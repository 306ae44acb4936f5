import Fastify from 'fastify'
import programmingLanguages, { createMemoryStore } from 'programming-languages-api'

function createWatchedStore (model) {
  const store = createMemoryStore(model)
  return {
    ...store,
    async create (make, once) {
      const entry = await store.create(make, once)
      app.log.info(entry.item, `one of the ${model.name} was created`)
      return entry
    }
  }
}

const app = Fastify()
await app.register(programmingLanguages, { prefix: '/api', store: createWatchedStore })
await app.listen({ port: 3000 })
