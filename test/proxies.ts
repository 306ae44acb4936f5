import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer, request as requestOverTcp, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http'
import { request as requestOverTls } from 'node:https'
import { connect, type AddressInfo } from 'node:net'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { Test } from 'tap'
import { freePort } from './embedded-postgres.js'

const isThere = (program: string, argument: string) => spawnSync(program, [argument]).status === 0

/** Whether there are nginx and openssl on this machine. */
export const hasNginx = isThere('nginx', '-v') && isThere('openssl', 'version')

/** Where clients find a server, and, where it has a certificate that nobody else knows, that. */
export interface Front {
  readonly origin: string
  readonly ca?: Buffer
}

/** Starts a proxy that strips a prefix, adds some fields, and does nothing else; it ends with the test. */
export async function startProxy (t: Test, upstream: string, prefix: string, fields: OutgoingHttpHeaders = {}): Promise<Front> {
  const proxy = createServer((incoming, response) => {
    const { method = '', url = '', headers } = incoming
    if (!url.startsWith(`${prefix}/`)) {
      response.writeHead(404).end('outside')
      return
    }
    const outgoing = requestOverTcp(upstream + url.slice(prefix.length), { method, headers: { ...headers, ...fields }, agent: false })
    outgoing.on('response', (answer) => answer.pipe(response.writeHead(answer.statusCode ?? 0, answer.rawHeaders)))
    incoming.pipe(outgoing)
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  t.teardown(() => {
    proxy.closeAllConnections()
    proxy.close()
  })
  return { origin: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` }
}

/** Starts an nginx that speaks TLS and strips a prefix, as its documentation advises; it ends with the test. */
export async function startNginx (t: Test, upstream: string, prefix: string): Promise<Front> {
  const folder = t.testdir({})
  chmodSync(folder, 0o755)
  mkdirSync(join(folder, 'logs'))
  const [port, key, certificate, config] = [await freePort(), join(folder, 'key.pem'), join(folder, 'certificate.pem'), join(folder, 'nginx.conf')]
  execFileSync('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', '/CN=127.0.0.1'],
    ...['-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', certificate]
  ], { stdio: 'ignore' })
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`).join('\n')
  writeFileSync(config, `daemon off;
pid ${folder}/nginx.pid;
error_log stderr;
worker_processes 1;
events {}
http {
access_log off;
${temporary}
server {
listen 127.0.0.1:${port} ssl;
ssl_certificate ${certificate};
ssl_certificate_key ${key};
location ${prefix}/ {
proxy_pass ${upstream}/;
proxy_http_version 1.1;
proxy_set_header Host $host;
proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
proxy_set_header X-Forwarded-Proto $scheme;
}
}
}
`)
  const program = spawn('nginx', ['-p', folder, '-c', config, '-e', 'stderr'], { stdio: ['ignore', 'ignore', 'inherit'] })
  const exited = once(program, 'exit')
  t.teardown(async () => {
    program.kill('SIGTERM')
    await exited
  })
  while (!await accepts(port)) await setTimeout(20)
  return { origin: `https://127.0.0.1:${port}`, ca: readFileSync(certificate) }
}

async function accepts (port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

/** Sends a request such as `GET /health` to the front; what is sent is JSON, where no other type is named. */
export async function ask ({ origin, ca }: Front, what: string, { headers = {}, body }: { headers?: OutgoingHttpHeaders, body?: unknown } = {}) {
  const [method = '', path = ''] = what.split(' ')
  const options = { method, agent: false as const, headers: body === undefined ? headers : { 'content-type': 'application/json', ...headers } }
  const outgoing = ca === undefined ? requestOverTcp(origin + path, options) : requestOverTls(origin + path, { ...options, ca })
  outgoing.end(body === undefined ? '' : JSON.stringify(body))
  const [answer] = await once(outgoing, 'response') as [IncomingMessage]
  let text = ''
  for await (const chunk of answer) text += chunk
  const isJson = /json/.test(String(answer.headers['content-type']))
  return { status: answer.statusCode ?? 0, headers: answer.headers, text, body: isJson && text !== '' ? JSON.parse(text) : undefined }
}
