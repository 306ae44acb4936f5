import { register } from 'node:module'
import t from 'tap'
import { openStore, openStores } from '../../stores/open.js'
import { model } from '../../app.js'
import { LANGUAGE } from '../build.js'

t.test('a URL that names no store is refused, and not shown', async (t) => {
  for (const url of ['nowhere://user:secret@host', '']) {
    await t.rejects(openStore(url, model), { message: /^there is no store \w*:, only [a-z:, ]+$/ })
  }
})

t.test('nor does half of a URL name one, or more than one has', async (t) => {
  for (const [url, example] of [
    ['memory', 'memory:'],
    ['memory:languages', 'memory:'],
    ['lmdb:', 'lmdb:./data'],
    ['postgres:/secret', 'postgres://user:password@host:5432/database'],
    ['postgresql://', 'postgres://user:password@host:5432/database']
  ] as const) {
    await t.rejects(openStore(url, model), { message: `the URL of a store is like ${example}` })
  }
})

t.test('several stores at one URL are apart', async (t) => {
  const [one, other] = await openStores('memory:', [model, { ...model, name: 'others' }])
  await one?.create(LANGUAGE)
  t.same([await one?.count([]), await other?.count([])], [1, 0])
})

t.test('a driver that is not installed is named', async (t) => {
  register(`data:text/javascript,${encodeURIComponent(WITHOUT_DRIVERS)}`)
  await t.rejects(openStore('lmdb:./data', model), { message: 'this store needs the package lmdb: npm install lmdb' })
  await t.rejects(openStore('postgres://localhost/', model), { message: /^Cannot find module '\/postgres.js'/ }, 'nothing else that is missing is taken for a driver')
})

/** Makes Node.js look for the driver of one store, and for the other store itself, where there is neither. */
const WITHOUT_DRIVERS = `
export const resolve = (name, context, next) => next(name, ['lmdb', './postgres.js'].includes(name) ? { ...context, parentURL: 'file:///' } : context)
`
