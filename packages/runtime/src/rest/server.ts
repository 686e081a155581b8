// The REST server: listens first, so that a port in use is found at once, and serves when the herder is there.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { networkInterfaces } from 'node:os'
import { ConnectException, type ConnectorProps, errorMessage, type Logger } from '@millrace/api'
import type { Logging } from '../logging/logging.ts'
import { type ExchangeContext, exchange, type Filter } from './exchange.ts'
import { advertised, type Listener, parseListener } from './listeners.ts'
import { parseHeaderRules } from './response-headers.ts'
import { type Route, Router } from './router.ts'

/** The settings that the server needs, parsed. */
export interface RestServerConfig {
  readonly listeners: readonly string[]
  /** Null: admin routes on the listeners; empty: nowhere. */
  readonly 'admin.listeners': readonly string[] | null
  readonly 'rest.advertised.listener': string | null
  readonly 'rest.advertised.host.name': string | null
  readonly 'rest.advertised.port': number | null
  readonly 'access.control.allow.origin': string
  readonly 'access.control.allow.methods': string
  readonly 'response.http.headers.config': string
}

/** What is served. */
export interface RestRoutes {
  readonly main: readonly Route[]
  readonly admin: readonly Route[]
  readonly filters: readonly Filter[]
}

/** Less than those who stop a worker are patient: 30 seconds in Kubernetes. */
const STOP_TIMEOUT_MS = 10_000

/** An HTTP server for each listener, all with the same routes but those of admin listeners. */
export class RestServer {
  readonly #config: RestServerConfig
  readonly #props: ConnectorProps
  readonly #logging: Logging
  readonly #log: Logger
  readonly #servers: { readonly server: Server; readonly listener: Listener; readonly admin: boolean }[] = []
  readonly #serving = Promise.withResolvers<RestRoutes>()
  readonly #contexts = new Map<string, ExchangeContext>()

  /** `props` is the worker's configuration as given: TLS settings are read from it. */
  constructor(config: RestServerConfig, props: ConnectorProps, logging: Logging) {
    this.#config = config
    this.#props = props
    this.#logging = logging
    this.#log = logging.logger('org.apache.kafka.connect.runtime.rest.RestServer')
  }

  /**
   * Binds all listeners. Requests that come before {@link serve} wait for it.
   * @returns URL and worker id under which others reach this worker
   * @throws ConnectException for an address in use or a listener that cannot be
   */
  async listen(): Promise<{ readonly url: string; readonly workerId: string }> {
    const main = this.#config.listeners.map((text) => ({ listener: parseListener(text), admin: false }))
    const admin = (this.#config['admin.listeners'] ?? []).map((text) => ({
      listener: parseListener(text, 'admin.listeners'),
      admin: true,
    }))
    // Header rules are checked now, not at the first request.
    parseHeaderRules(this.#config['response.http.headers.config'])
    try {
      for (const one of [...main, ...admin]) await this.#bind(one.listener, one.admin)
    } catch (error) {
      await this.close()
      throw error
    }
    const bound = this.#servers.filter((one) => !one.admin).map((one) => one.listener)
    const config = {
      listener: this.#config['rest.advertised.listener'],
      host: this.#config['rest.advertised.host.name'],
      port: this.#config['rest.advertised.port'],
    }
    const address = advertised(config, bound, ownAddress())
    this.#log.info(`REST server listening, advertising URL ${address.url}`)
    return address
  }

  /** Begins to answer. */
  serve(routes: RestRoutes): void {
    this.#serving.resolve(routes)
  }

  /** Stops listening; what is being answered may end. */
  async close(): Promise<void> {
    await Promise.all(this.#servers.map(({ server }) => closeServer(server)))
    this.#servers.length = 0
  }

  async #bind(listener: Listener, admin: boolean): Promise<void> {
    const handle = (request: IncomingMessage, response: ServerResponse) =>
      void this.#handle(listener, admin, request, response)
    const server = listener.protocol === 'http' ? createServer(handle) : await this.#tls(admin, handle)
    const port = await listenOn(server, listener, admin ? 'admin.listeners' : 'listeners')
    this.#servers.push({ server, listener: { ...listener, port }, admin })
  }

  async #tls(admin: boolean, handle: (request: IncomingMessage, response: ServerResponse) => void): Promise<Server> {
    const { createTlsServer } = await import('./tls.ts')
    return createTlsServer(this.#props, admin ? 'admin.listeners.https.' : 'listeners.https.', handle)
  }

  async #handle(listener: Listener, admin: boolean, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const key = `${listener.protocol} ${admin}`
    const routes = await this.#serving.promise
    let context = this.#contexts.get(key)
    if (context === undefined) this.#contexts.set(key, (context = this.#context(listener, admin, routes)))
    await exchange(context, request, response)
  }

  #context(listener: Listener, admin: boolean, routes: RestRoutes): ExchangeContext {
    const adminHere = this.#config['admin.listeners'] === null ? routes.admin : []
    const origin = this.#config['access.control.allow.origin']
    const cors = { origin, methods: this.#config['access.control.allow.methods'] }
    return {
      router: new Router(admin ? routes.admin : [...routes.main, ...adminHere]),
      filters: admin ? [] : routes.filters,
      cors: admin || origin.trim() === '' ? null : cors,
      headerRules: admin ? [] : parseHeaderRules(this.#config['response.http.headers.config']),
      mask: this.#logging.mask,
      log: this.#log,
      protocol: listener.protocol,
    }
  }
}

function listenOn(server: Server, { host, port, protocol }: Listener, key: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      const address = `${protocol}://${host}:${port}`
      reject(new ConnectException(`Cannot listen on ${address}: ${why(error)}`, { cause: error, configKey: key }))
    })
    server.listen({ port, ...(host !== '' && { host }) }, () => {
      server.removeAllListeners('error')
      resolve((server.address() as AddressInfo).port)
    })
  })
}

/** The first address of this machine that others can reach, for listeners on all interfaces. */
function ownAddress(): string {
  const addresses = Object.values(networkInterfaces()).flatMap((one) => one ?? [])
  return addresses.find((one) => !one.internal && one.family === 'IPv4')?.address ?? '127.0.0.1'
}

function why(error: Error): string {
  const code = 'code' in error ? error.code : undefined
  if (code === 'EADDRINUSE') return 'the port is in use. Stop what uses it, or choose another port in listeners.'
  if (code === 'EACCES') return 'permission denied. Choose a port above 1023.'
  if (code === 'EADDRNOTAVAIL') return 'this machine does not have that address.'
  if (code === 'ENOTFOUND') return 'the host name is not known.'
  return errorMessage(error)
}

async function closeServer(server: Server): Promise<void> {
  if (!server.listening) return
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeIdleConnections()
  const timer = setTimeout(() => server.closeAllConnections(), STOP_TIMEOUT_MS)
  await closed
  clearTimeout(timer)
}
