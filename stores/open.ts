import { createMemoryStore } from './memory.js'
import type { Awaitable, Model, Store, StoreSettings } from './store.js'

interface Scheme {
  /** The form of its URLs. */
  readonly form: RegExp
  /** An example of them, for messages. */
  readonly example: string
  open (url: string, models: readonly Model[], settings: StoreSettings): Awaitable<Store[]>
}

const postgres: Scheme = { form: /^\w+:\/\/./, example: 'postgres://user:password@host:5432/database', open: openPostgresStores }

/** How stores are opened, by the scheme of their URL. A driver is loaded only when its store is chosen. */
const SCHEMES: ReadonlyMap<string, Scheme> = new Map(Object.entries<Scheme>({
  lmdb: { form: /^lmdb:./, example: 'lmdb:./data', open: (url, ...rest) => openLmdbStores(url.slice('lmdb:'.length), ...rest) },
  memory: { form: /^memory:$/, example: 'memory:', open: (_url, models, settings) => models.map((model) => createMemoryStore(model, settings)) },
  postgres,
  postgresql: postgres
}))

/**
 * Opens a store for each of some models where a URL says: `memory:`, `lmdb:` and a folder, or `postgres://…`. Throws, with a message of one line, where it
 * names none, or one that cannot be opened. What they share is let go when all are closed.
 */
export async function openStores (url: string, models: readonly Model[], settings: StoreSettings = {}): Promise<Store[]> {
  const [name = ''] = url.split(':', 1)
  const scheme = SCHEMES.get(name)
  // A URL may hold a password: it is never shown.
  if (scheme === undefined) throw new Error(`there is no store ${name}:, only ${Array.from(SCHEMES.keys(), (name) => `${name}:`).join(', ')}`)
  if (!scheme.form.test(url)) throw new Error(`the URL of a store is like ${scheme.example}`)
  return scheme.open(url, models, settings)
}

/** Opens stores in PostgreSQL. `stores/postgres.ts` is loaded, with its driver, only when a store is opened. */
export async function openPostgresStores (url: string, models: readonly Model[], settings: StoreSettings = {}): Promise<Store[]> {
  const postgres = await withDriver('pg', import('./postgres.js'))
  return postgres.openPostgresStores(url, models, settings)
}

/** The SQL that makes the tables for the records of some models in PostgreSQL. */
export async function describePostgresTables (models: readonly Model[]): Promise<string> {
  const { describeTables } = await withDriver('pg', import('./postgres.js'))
  return describeTables(models)
}

/** Opens stores in LMDB; `stores/lmdb.ts` is loaded in the same way. */
export async function openLmdbStores (folder: string, models: readonly Model[], settings: StoreSettings = {}): Promise<Store[]> {
  const lmdb = await withDriver('lmdb', import('./lmdb.js'))
  return lmdb.openLmdbStores(folder, models, settings)
}

/** The same for one model. */
export const openStore = ofOne(openStores)
export const openPostgresStore = ofOne(openPostgresStores)
export const openLmdbStore = ofOne(openLmdbStores)

type Open<Models, Stores> = (url: string, models: Models, settings?: StoreSettings) => Promise<Stores>

function ofOne (open: Open<readonly Model[], Store[]>): Open<Model, Store> {
  return async (url, model, settings) => (await open(url, [model], settings))[0] as Store
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
