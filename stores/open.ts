import { createMemoryStore } from './memory.js'
import type { Model, Store, StoreSettings } from './store.js'

type Open = (url: string, model: Model, settings: StoreSettings) => Store | Promise<Store>

/** How a store is opened, by the scheme of its URL. A driver is loaded only when its store is chosen. */
const SCHEMES: Readonly<Record<string, Open>> = {
  memory: (_url, model, settings) => createMemoryStore(model, settings),
  postgres: openPostgresStore,
  postgresql: openPostgresStore
}

/**
 * Opens the store that a URL names: `memory:` or `postgres://…`. Throws, with a message of one line, where it names none, or one that
 * cannot be opened.
 */
export async function openStore (url: string, model: Model, settings: StoreSettings = {}): Promise<Store> {
  const [scheme = ''] = url.split(':', 1)
  const open = SCHEMES[scheme]
  // A URL may hold a password: it is never shown.
  if (open === undefined) throw new Error(`there is no store ${scheme}:, only ${Object.keys(SCHEMES).map((name) => `${name}:`).join(', ')}`)
  return open(url, model, settings)
}

/** What `stores/postgres.ts` exports, which is loaded with its driver when a store is opened. */
export async function openPostgresStore (url: string, model: Model, settings: StoreSettings = {}): Promise<Store> {
  const postgres = await import('./postgres.js')
  return postgres.openPostgresStore(url, model, settings)
}
