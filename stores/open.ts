import { createMemoryStore } from './memory.js'
import type { Model, Store, StoreSettings } from './store.js'

interface Scheme {
  /** The form of its URLs. */
  readonly form: RegExp
  /** An example of them, for messages. */
  readonly example: string
  open (url: string, model: Model, settings: StoreSettings): Store | Promise<Store>
}

const postgres: Scheme = { form: /^\w+:\/\/./, example: 'postgres://user:password@host:5432/database', open: openPostgresStore }

/** How a store is opened, by the scheme of its URL. A driver is loaded only when its store is chosen. */
const SCHEMES: ReadonlyMap<string, Scheme> = new Map(Object.entries<Scheme>({
  lmdb: { form: /^lmdb:./, example: 'lmdb:./data', open: (url, ...rest) => openLmdbStore(url.slice('lmdb:'.length), ...rest) },
  memory: { form: /^memory:$/, example: 'memory:', open: (_url, ...rest) => createMemoryStore(...rest) },
  postgres,
  postgresql: postgres
}))

/**
 * Opens the store that a URL names: `memory:`, `lmdb:` and a folder, or `postgres://…`. Throws, with a message of one line, where it names none, or one that
 * cannot be opened.
 */
export async function openStore (url: string, model: Model, settings: StoreSettings = {}): Promise<Store> {
  const [name = ''] = url.split(':', 1)
  const scheme = SCHEMES.get(name)
  // A URL may hold a password: it is never shown.
  if (scheme === undefined) throw new Error(`there is no store ${name}:, only ${Array.from(SCHEMES.keys(), (name) => `${name}:`).join(', ')}`)
  if (!scheme.form.test(url)) throw new Error(`the URL of a store is like ${scheme.example}`)
  return scheme.open(url, model, settings)
}

/** Opens a store in PostgreSQL. `stores/postgres.ts` is loaded, with its driver, only when a store is opened. */
export async function openPostgresStore (url: string, model: Model, settings: StoreSettings = {}): Promise<Store> {
  const postgres = await withDriver('pg', import('./postgres.js'))
  return postgres.openPostgresStore(url, model, settings)
}

/** The SQL that makes the tables for a model's records in PostgreSQL. */
export async function describePostgresTables (model: Model): Promise<string> {
  const { describeTables } = await withDriver('pg', import('./postgres.js'))
  return describeTables(model)
}

/** Opens a store in LMDB; `stores/lmdb.ts` is loaded in the same way. */
export async function openLmdbStore (folder: string, model: Model, settings: StoreSettings = {}): Promise<Store> {
  const lmdb = await withDriver('lmdb', import('./lmdb.js'))
  return lmdb.openLmdbStore(folder, model, settings)
}

/** Waits for a module that imports a driver, an optional peer of this package. Where the driver is not installed, throws one line that says so. */
async function withDriver<M> (driver: string, module: Promise<M>): Promise<M> {
  try {
    return await module
  } catch (cause) {
    const isMissing = new RegExp(`Cannot find (?:module|package) '${driver}'`).test(String(cause))
    throw isMissing ? new Error(`this store needs the package ${driver}: npm install ${driver}`, { cause }) : cause
  }
}
