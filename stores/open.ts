import { createMemoryStore } from './memory.js'
import type { Model, Store, StoreSettings } from './store.js'

type Open = (url: string, model: Model, settings: StoreSettings) => Store | Promise<Store>

/** How a store is opened, by the scheme of its URL. A driver is loaded only when its store is chosen. */
const SCHEMES: ReadonlyMap<string, Open> = new Map(Object.entries<Open>({
  lmdb: (url, ...rest) => openLmdbStore(url.slice('lmdb:'.length), ...rest),
  memory: (_url, model, settings) => createMemoryStore(model, settings),
  postgres: openPostgresStore,
  postgresql: openPostgresStore
}))

/**
 * Opens the store that a URL names: `memory:`, `lmdb:` and a folder, or `postgres://…`. Throws, with a message of one line, where it names none, or one that
 * cannot be opened.
 */
export async function openStore (url: string, model: Model, settings: StoreSettings = {}): Promise<Store> {
  const [scheme = ''] = url.split(':', 1)
  const open = SCHEMES.get(scheme)
  // A URL may hold a password: it is never shown.
  if (open === undefined) throw new Error(`there is no store ${scheme}:, only ${Array.from(SCHEMES.keys(), (name) => `${name}:`).join(', ')}`)
  return open(url, model, settings)
}

/** What `stores/postgres.ts` exports, which is loaded with its driver when a store is opened. */
export async function openPostgresStore (url: string, model: Model, settings: StoreSettings = {}): Promise<Store> {
  const postgres = await import('./postgres.js')
  return postgres.openPostgresStore(url, model, settings)
}

/** What `stores/lmdb.ts` exports, in the same way. */
export async function openLmdbStore (folder: string, model: Model, settings: StoreSettings = {}): Promise<Store> {
  const lmdb = await import('./lmdb.js')
  return lmdb.openLmdbStore(folder, model, settings)
}
