import proxyAddr from '@fastify/proxy-addr'
import type { Violation } from '../schemas/problem.js'

/** Tells whether what comes from an address comes from a proxy that is trusted. */
export type Trusts = (address: string, hop: number) => boolean

/** Reads a list of addresses and networks, as Fastify itself would. Throws where it is none. */
export function readProxies (list: string): Trusts {
  return proxyAddr.compile(partsOf(list))
}

/** Names what in such a list is no proxy, which no schema can say. */
export function faultsOfProxies (list: string): Violation[] {
  const bad = partsOf(list).filter((part) => !isProxy(part))
  return bad.map((part) => ({ in: 'query', parameter: 'TRUST_PROXY', detail: `must be addresses or networks, with commas between them, but has ${JSON.stringify(part)}` }))
}

const partsOf = (list: string): string[] => list.split(',').map((part) => part.trim())

function isProxy (part: string): boolean {
  try {
    readProxies(part)
    // A number alone, which elsewhere counts proxies, would be an address.
    return /\D/.test(part)
  } catch {
    return false
  }
}
