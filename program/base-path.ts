import type { FastifyInstance, FastifyServerOptions } from 'fastify'

/** Lets an app whose routes are below a base path take targets without it too, because a proxy may strip it, or leave it. */
export function takesWithout (base: string): Pick<FastifyServerOptions, 'rewriteUrl'> {
  if (base === '') return {}
  const withBase = putBefore(base)
  return { rewriteUrl: ({ url = '' }) => withBase(url) }
}

/** Refuses a base path that a path of the API begins with: of a target, nobody could tell which of the two it means. */
export function refuseClashes (app: FastifyInstance, base: string): void {
  const [, first] = base.split('/')
  const taken = new Set<string | undefined>()
  app.addHook('onRoute', ({ url }) => { taken.add(url.slice(base.length).split('/')[1]) })
  app.addHook('onReady', async () => {
    if (first !== undefined && taken.has(first)) throw new Error(`BASE_PATH must not begin with /${first}, as a path of the API does`)
  })
}

/** Makes the function that puts a base path before a path, unless that begins with it. */
function putBefore (base: string): (path: string) => string {
  return (path) => path.startsWith(base) && (path.length === base.length || '/?'.includes(path.charAt(base.length))) ? path : `${base}${path}`
}
