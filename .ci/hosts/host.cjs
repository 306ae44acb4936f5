// An app in CommonJS that registers the plugin: Node.js 20.19 and later take a module by `require`.

const assert = require('node:assert/strict')
const Fastify = require('fastify')
const programmingLanguages = require('programming-languages-api')

async function check () {
  const app = Fastify()
  await app.register(programmingLanguages, { prefix: '/api' })
  assert.equal((await app.inject('/api/programming_languages/0')).json().name, 'COBOL')
  for (const name of ['openStore', 'createApi', 'defineResource', 'serve']) assert.equal(typeof programmingLanguages[name], 'function')
  await app.close()
}

check()
