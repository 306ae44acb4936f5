import type { IncomingMessage } from 'node:http'
import { isIPv6 } from 'node:net'
import type { ConnectionError } from 'fastify'
import { HttpError } from './error.js'

const UNREADABLE = 'what was sent cannot be read as an HTTP request'

/**
 * The error to answer with where Node.js has taken a request that is no valid HTTP, or asks for what this server does not do. `mayBeSecure`
 * tells whether it may have come over TLS, which a proxy before this server speaks.
 */
export function faultOf (request: IncomingMessage, mayBeSecure: (request: IncomingMessage) => boolean): HttpError | undefined {
  return faultOfVersion(request) ?? faultOfTarget(request, mayBeSecure) ?? faultOfHost(request) ?? faultOfFields(request)
}

function faultOfVersion ({ httpVersionMajor }: IncomingMessage): HttpError | undefined {
  if (httpVersionMajor === 1) return undefined
  // Node.js takes a request line without a version for one of HTTP/0.9.
  return httpVersionMajor === 0 ? new HttpError('invalid-request', UNREADABLE) : otherVersion()
}

/** Judges the target by its forms: RFC 9112, section 3.2. */
function faultOfTarget (request: IncomingMessage, mayBeSecure: (request: IncomingMessage) => boolean): HttpError | undefined {
  const { method, url = '' } = request
  if (url.includes('#')) return fragment()
  if (url.startsWith('/') || (url === '*' && method === 'OPTIONS')) return undefined
  const [, scheme, authority = ''] = ABSOLUTE.exec(url) ?? []
  if (scheme === undefined || authority === '' || !isHost(authority)) return new HttpError('invalid-request', 'the target is neither a path nor an http URI')
  // RFC 9110, section 7.4.
  return scheme.toLowerCase() === 'http' || mayBeSecure(request) ? undefined : new HttpError('invalid-request', 'what has an https URI may be asked for over TLS only')
}

const ABSOLUTE = /^(https?):\/\/([^/?]*)/i

/** RFC 9112, section 3.2, and RFC 3986, section 3.2. Two fields come as one here, with a comma and a space, which is no host. */
function faultOfHost ({ httpVersionMinor, headers: { host } }: IncomingMessage): HttpError | undefined {
  if (host === undefined) return httpVersionMinor === 0 ? undefined : new HttpError('invalid-request', 'the request has no Host')
  return isHost(host) ? undefined : new HttpError('invalid-request', 'the request must have one Host, which names a host, and a port where it needs one')
}

function isHost (text: string): boolean {
  return text === '' || (HOST.test(text) && (!text.startsWith('[') || isIPv6(text.slice(1, text.indexOf(']')))))
}

const HOST = /^(?:(?:[\w.~!$&'()*+,;=-]|%[\da-f]{2})+|\[[\da-f:.]+\])(?::\d*)?$/i

function faultOfFields ({ httpVersionMinor, headers }: IncomingMessage): HttpError | undefined {
  const { expect, 'transfer-encoding': coding } = headers
  // RFC 9112, section 6.1: it was no part of HTTP/1.0.
  if (coding !== undefined && httpVersionMinor === 0) return new HttpError('invalid-request', 'HTTP/1.0 has no Transfer-Encoding')
  if (coding !== undefined && coding.toLowerCase() !== 'chunked') return otherCoding()
  if (expect !== undefined && expect.toLowerCase() !== '100-continue') return new HttpError(417, 'the server knows no expectation but 100-continue')
  return undefined
}

/** The answer to what Node.js could not read as a request: RFC 9110, sections 15.5 and 15.6, and RFC 6585, section 5. */
export function faultOfUnreadable ({ code, message, rawPacket, bytesParsed = 0 }: ConnectionError): HttpError {
  const packet = Buffer.isBuffer(rawPacket) ? rawPacket.toString('latin1') : ''
  const read = packet.slice(0, bytesParsed)
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new HttpError(408, 'the request did not come to its end in time')
  if (code === 'HPE_HEADER_OVERFLOW') {
    return isTarget(read) ? new HttpError('target-too-long', 'the request target is too long') : new HttpError('fields-too-large', 'the fields of the request are too large')
  }
  if (code === 'HPE_INVALID_METHOD' && IS_REQUEST.test(packet.slice(bytesParsed))) return new HttpError('not-implemented', 'the server does not know this method')
  if (code === 'HPE_INVALID_VERSION' && /\/(?!1\.[01])\d\.\d$/.test(read)) return otherVersion()
  if (code === 'HPE_INVALID_TRANSFER_ENCODING' && !message.includes('Content-Length')) return otherCoding()
  return new HttpError('invalid-request', UNREADABLE)
}

/** The rest of a request line, from within the method on (RFC 9112, section 3): a line of another protocol has another. */
const IS_REQUEST = /^[!#$%&'*+.^_`|~\w-]* [^ \r\n]+ HTTP\/1\.[01]\r?\n/

/** Tells whether the text that was read ends within a target. Where the packet began within a field that has no space, it looks like one. */
function isTarget (read: string): boolean {
  return /^(?![\w-]+:)(?:\S+ )?\S*$/.test(read.slice(read.lastIndexOf('\n') + 1))
}

export const fragment = () => new HttpError('invalid-request', 'a request target has no fragment: what is a # in its path or query is written %23')
const otherVersion = () => new HttpError(505, 'the server speaks HTTP/1.1 and HTTP/1.0')
const otherCoding = () => new HttpError('not-implemented', 'the server knows no transfer coding but chunked')
