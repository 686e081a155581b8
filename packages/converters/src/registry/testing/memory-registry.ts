// A registry in memory for tests of its clients: the few endpoints that converters use, and faults on demand.
import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer, type ServerOptions } from 'node:https'
import type { AddressInfo } from 'node:net'

interface Stored {
  readonly id: number
  readonly guid: string
  readonly subject: string
  readonly version: number
  readonly schemaType: string
  readonly schema: string
  readonly references: unknown
}

/** What a request looked like. */
export interface SeenRequest {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/** Answers a request in place of the registry when it returns true. */
export type Fault = (request: SeenRequest, response: ServerResponse) => boolean

/** A registry that listens on a free port. */
export class MemoryRegistry {
  readonly #server: Server
  readonly #stored: Stored[] = []
  readonly requests: SeenRequest[] = []
  /** Looked at before each request. */
  fault: Fault | null = null
  readonly #scheme: string

  constructor(tls?: ServerOptions) {
    const answer = (request: IncomingMessage, response: ServerResponse) => void this.#answer(request, response)
    this.#server = tls === undefined ? createServer(answer) : createTlsServer(tls, answer)
    this.#scheme = tls === undefined ? 'http' : 'https'
  }
  static async start(tls?: ServerOptions): Promise<MemoryRegistry> {
    const registry = new MemoryRegistry(tls)
    await new Promise<void>((resolve) => registry.#server.listen(0, '127.0.0.1', resolve))
    return registry
  }
  get url(): string {
    return `${this.#scheme}://localhost:${this.port}`
  }
  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }
  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
  /** `METHOD path` of all requests so far, and forgets them. */
  taken(): string[] {
    return this.requests.splice(0).map(({ method, path }) => `${method} ${path}`)
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
    const { method = '', url = '', headers } = request
    const seen = { method, path: url, headers, body: Buffer.concat(chunks).toString() }
    this.requests.push(seen)
    if (this.fault?.(seen, response)) return
    const [status, body] = this.#route(seen)
    response.writeHead(status, { 'content-type': 'application/vnd.schemaregistry.v1+json' })
    response.end(JSON.stringify(body))
  }

  #route({ method, path, body }: SeenRequest): [number, unknown] {
    const url = new URL(path, 'http://any')
    const parts = url.pathname.split('/').slice(1).map(decodeURIComponent)
    if (parts[0] === 'schemas') {
      const by = parts[1] === 'ids' ? 'id' : 'guid'
      const found = this.#stored.find((one) => String(one[by]) === parts[2])
      return found === undefined ? [404, { error_code: 40403, message: 'Schema not found' }] : [200, found]
    }
    if (parts[0] !== 'subjects') return [404, { error_code: 404, message: 'HTTP 404 Not Found' }]
    if (parts.length === 1) return [200, [...new Set(this.#stored.map(({ subject }) => subject))]]
    const subject = parts[1] as string
    const versions = this.#stored.filter((one) => one.subject === subject)
    if (method === 'POST' && parts[2] === 'versions') return [200, this.#register(subject, body)]
    if (versions.length === 0) return [404, { error_code: 40401, message: `Subject '${subject}' not found.` }]
    if (method === 'POST') {
      const found = versions.find((one) => one.schema === JSON.parse(body).schema)
      return found === undefined ? [404, { error_code: 40403, message: 'Schema not found' }] : [200, found]
    }
    if (parts[3] === undefined) return [200, versions.map(({ version }) => version)]
    const found = parts[3] === 'latest' ? versions.at(-1) : versions.find((one) => String(one.version) === parts[3])
    return found === undefined ? [404, { error_code: 40402, message: 'Version not found.' }] : [200, found]
  }

  #register(subject: string, body: string): Stored {
    const { schema, schemaType = 'AVRO', references = [] } = JSON.parse(body)
    const versions = this.#stored.filter((one) => one.subject === subject)
    const known = versions.find((one) => one.schema === schema)
    if (known !== undefined) return known
    const same = this.#stored.find((one) => one.schema === schema)
    const hash = createHash('md5').update(schema).digest('hex')
    const stored = {
      id: same?.id ?? 1 + Math.max(0, ...this.#stored.map(({ id }) => id)),
      guid: hash.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'),
      subject,
      version: versions.length + 1,
      schemaType,
      schema,
      references,
    }
    this.#stored.push(stored)
    return stored
  }
}
