// Where the registry listens.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ConfigException, ConnectException, errorMessage } from '@millrace/api'

/** Handles a request of a `node:http` server. */
export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void

/** Makes a server of https: from whoever knows how certificates are configured. */
export type HttpsServerMaker = (handle: RequestHandler) => Server | Promise<Server>

/** A server that listens. */
export interface BoundListener {
  readonly scheme: string
  readonly host: string
  readonly port: number
  readonly server: Server
}

const PATTERN = /^(\w+):\/\/\[?([0-9a-zA-Z\-._%:]*)\]?:([0-9]+)$/
const STOP_MS = 5_000

/** Listens on one address (`http://host:port`; no host, or 0.0.0.0, for all). @throws ConfigException, ConnectException */
export async function listenOn(text: string, handle: RequestHandler, https?: HttpsServerMaker): Promise<BoundListener> {
  // A listener may have a name of its own: `INTERNAL=http://...` is not one of them.
  const [, scheme = '', host = '', port = ''] = PATTERN.exec(text.trim()) ?? []
  if (scheme !== 'http' && scheme !== 'https') {
    throw ConfigException.invalidValue('listeners', text, 'Must be http://host:port or https://host:port')
  }
  const server = scheme === 'http' ? createServer(handle) : await https?.(handle)
  if (server === undefined) throw ConfigException.invalidValue('listeners', text, 'This registry speaks no https')
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => {
      const why = 'code' in cause && cause.code === 'EADDRINUSE' ? 'the port is in use.' : errorMessage(cause)
      const action = 'Choose another port in listeners; 0 takes any free one.'
      reject(new ConnectException(`The registry cannot listen on ${text}: ${why}`, { cause, action }))
    })
    server.listen({ port: Number(port), ...(host !== '' && { host }) }, () => {
      server.removeAllListeners('error')
      resolve()
    })
  })
  return { scheme, host, port: (server.address() as AddressInfo).port, server }
}

/** Stops listening; what is being answered may end. */
export async function closeListener({ server }: BoundListener): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeIdleConnections()
  const timer = setTimeout(() => server.closeAllConnections(), STOP_MS)
  await closed
  clearTimeout(timer)
}
