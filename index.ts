import type { Api } from './app.js'
import type { ServeOptions } from './program/serve.js'

export * from './app.js'
export { default } from './app.js'
export type { ServeOptions } from './program/serve.js'

/**
 * Runs an API as a program, in a module of yours that does nothing else: `await serve(createApi({ resources: [books] }))`. The settings are those of
 * the environment, and it ends by signals; several `WORKERS` run the same module again. Where it cannot start, it says why in one line, and the exit code
 * is 1. What serves is loaded only here, because an app that registers the API needs none of it.
 */
export async function serve (api: Api, options?: ServeOptions): Promise<void> {
  const program = await import('./program/serve.js')
  await program.serve(api, options)
}
