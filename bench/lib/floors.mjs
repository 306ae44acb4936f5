import { PEERS } from './servers.mjs'

/**
 * How fast the product has to be: for an operation, at least so many times as fast as the limit, or as the fastest
 * peer; with its records elsewhere, as another server; for what should be short, at most so many times as long.
 * Fast is who takes little processor time; but where a server waits for a disk, or is several processes, who answers many requests a second.
 */
export const FLOORS = [
  { operation: 'view', atLeast: 0.93, of: 'limit' },
  { operation: 'not-modified', atLeast: 0.93, of: 'limit' },
  { operation: 'list', atLeast: 0.93, of: 'limit' },
  { operation: 'list-1000', atLeast: 0.80, of: 'limit' },
  { operation: 'list-1000-br', atLeast: 0.80, of: 'limit' },
  { operation: 'list-1000-writes', atLeast: 0.25, of: 'limit' },
  { operation: 'list-1000-writes', atLeast: 3, of: 'fastest peer' },
  { operation: 'filter', atLeast: 10, of: 'fastest peer' },
  { operation: 'create', atLeast: 0.80, of: 'limit' },
  { operation: 'create', atLeast: 1, of: 'fastest peer' },
  { operation: 'replace', atLeast: 0.80, of: 'limit' },
  { operation: 'replace', atLeast: 1, of: 'fastest peer' },
  { operation: 'view', server: 'lmdb', by: 'rate', atLeast: 0.90, of: 'product' },
  { operation: 'create', server: 'lmdb', by: 'rate', atLeast: 0.85, of: 'product' },
  { operation: 'view', server: 'workers', by: 'rate', atLeast: 1.6, of: 'lmdb' },
  { operation: 'create', server: 'workers', by: 'rate', atLeast: 1.6, of: 'lmdb' },
  { operation: 'view', server: 'postgres', by: 'rate', atLeast: 2.5, of: 'query' },
  { operation: 'create', server: 'postgres', by: 'rate', atLeast: 2.0, of: 'query' },
  { operation: 'startup', atMost: 1.5, of: 'Fastify with @fastify/swagger and @fastify/swagger-ui' },
  { operation: 'latency', atMost: 1.5, of: 'limit' }
]

/** Each floor with the ratio that was measured, and whether it holds; both undefined where it was not measured. */
export function judge (summary) {
  return FLOORS.map((floor) => {
    const ratio = ratioFor(floor, summary)
    const holds = ratio && (floor.atLeast === undefined ? ratio <= floor.atMost : ratio >= floor.atLeast)
    return { ...floor, ratio, holds }
  })
}

function ratioFor ({ operation, server = 'product', of, by = 'processor' }, summary) {
  if (operation === 'startup' || operation === 'latency') return summary[operation].ratio
  const ratios = summary[by].ratios[operation]
  const own = ratios?.[server]?.median
  if (of === 'limit') return own
  const others = of === 'fastest peer' ? PEERS : [of]
  return own / Math.max(...others.map((name) => ratios?.[name]?.median ?? -Infinity)) || undefined
}
