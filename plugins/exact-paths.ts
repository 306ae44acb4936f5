import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { noSuchPath } from '../http/error.js'

type Request = FastifyRequest<{ Params: Record<string, unknown> }>

/**
 * A thing has one path here. Where the router of a host app is lenient (with `ignoreTrailingSlash`,
 * `ignoreDuplicateSlashes`, `caseSensitive: false` or `useSemicolonDelimiter`), this refuses every other spelling
 * that the router lets through to our part of a path; the prefix is the host's.
 */
export const exactPaths = fp(async function exactPaths (app: FastifyInstance) {
  if (isLenient(app)) {
    app.addHook('onRequest', async (request: Request) => {
      const own = ownPath(request)
      if (!own.endsWith('*') && !decodedPath(request.url).endsWith(own)) throw noSuchPath(request.url)
    })
  }

  function ownPath ({ routeOptions: { url = '' }, params }: Request): string {
    return url.slice(app.prefix.length).replace(/:(\w+)/g, (_, name: string) => String(params[name]))
  }
})

function isLenient ({ initialConfig }: FastifyInstance): boolean {
  const router = { ...initialConfig, ...initialConfig.routerOptions }
  return router.caseSensitive === false ||
    [router.ignoreTrailingSlash, router.ignoreDuplicateSlashes, router.useSemicolonDelimiter].includes(true)
}

const decodedPath = (target: string) => decodeURIComponent(target.replace(/\?.*$/s, ''))
