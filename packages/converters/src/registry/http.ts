// One HTTP request to a registry: JSON there and back, with time limits, over connections that are kept.
import type { Agent, ClientRequest, IncomingMessage } from 'node:http'
import type { ConnectionOptions } from 'node:tls'
import { errorMessage } from '@millrace/api'
import { RegistryException } from './errors.ts'
import { openTunnel } from './tunnel.ts'

/** How requests travel. Times in milliseconds. */
export interface HttpOptions {
  readonly connectTimeoutMs: number
  readonly readTimeoutMs: number
  readonly tls: ConnectionOptions
  /** An HTTP proxy, or null. */
  readonly proxy: { readonly host: string; readonly port: number } | null
}

/** A request. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  /** JSON text to send, or null. */
  readonly body: string | null
}

/** An answer above this many bytes is no answer of a registry. */
const MOST_BYTES = 64 * 1024 * 1024
/** Idle connections are closed after this time. */
const IDLE_MS = 30_000
const AGENT_OPTIONS = { keepAlive: true, timeout: IDLE_MS }
const HTTPS_PORT = 443

/** Sends requests; keeps connections. Modules for HTTP are loaded at the first request. */
export class HttpClient {
  readonly #options: HttpOptions
  #agents: { readonly http: Agent; readonly https: Agent } | null = null

  constructor(options: HttpOptions) {
    this.#options = options
  }

  /**
   * The parsed body of a successful answer; undefined when it is empty.
   * @throws {RegistryException} for a refusal, with the registry's code, and with status 0 when no answer came
   */
  async send(request: HttpRequest): Promise<unknown> {
    const where = `${request.method} ${placeOf(request.url)}`
    const { status, body } = await this.#exchange(request, where)
    if (status >= 200 && status < 300) return body === '' ? undefined : parse(body, status, where)
    throw refusal(status, body, where)
  }
  close(): void {
    this.#agents?.http.destroy()
    this.#agents?.https.destroy()
    this.#agents = null
  }

  #exchange(request: HttpRequest, where: string): Promise<{ status: number; body: string }> {
    const { connectTimeoutMs, readTimeoutMs } = this.#options
    return new Promise((resolve, reject) => {
      const fail = (reason: string, cause?: unknown) => {
        clearTimeout(timer)
        const options = cause === undefined ? {} : { cause }
        reject(new RegistryException(`${where}: ${reason}`, { status: 0, errorCode: 0, ...options }))
      }
      const expire = (ms: number, doing: string) =>
        setTimeout(() => {
          sent.destroy()
          fail(`the schema registry did not ${doing} within ${ms} ms`)
        }, ms)
      const sent = this.#open(request, (response) => {
        readBody(response).then(
          (body) => {
            clearTimeout(timer)
            resolve({ status: response.statusCode ?? 0, body })
          },
          (error) => fail(errorMessage(error), error),
        )
      })
      let timer = expire(connectTimeoutMs, 'accept a connection')
      const connected = () => {
        clearTimeout(timer)
        timer = expire(readTimeoutMs, 'answer')
      }
      sent.once('error', (error) => fail(`the schema registry cannot be reached: ${messageOf(error)}`, error))
      sent.once('socket', (socket) => {
        if (sent.reusedSocket || !socket.connecting) connected()
        else socket.once(request.url.protocol === 'https:' ? 'secureConnect' : 'connect', connected)
      })
      sent.end(request.body ?? undefined)
    })
  }

  #open(request: HttpRequest, onResponse: (response: IncomingMessage) => void): ClientRequest {
    const { proxy, tls } = this.#options
    const { url, method, body } = request
    const agents = this.#agentsNow()
    const length = body === null ? {} : { 'content-length': String(Buffer.byteLength(body)) }
    const headers = { ...request.headers, ...length }
    if (url.protocol === 'https:') {
      const https = process.getBuiltinModule('node:https')
      return https.request(url, { ...tls, method, headers, agent: agents.https }, onResponse)
    }
    const http = process.getBuiltinModule('node:http')
    if (proxy === null) return http.request(url, { method, headers, agent: agents.http }, onResponse)
    const through = { ...proxy, path: url.href, headers: { ...headers, host: url.host } }
    return http.request({ ...through, method, agent: agents.http }, onResponse)
  }
  #agentsNow(): { readonly http: Agent; readonly https: Agent } {
    this.#agents ??= {
      http: new (process.getBuiltinModule('node:http').Agent)(AGENT_OPTIONS),
      https: this.#httpsAgent(),
    }
    return this.#agents
  }
  #httpsAgent(): Agent {
    const agent = new (process.getBuiltinModule('node:https').Agent)(AGENT_OPTIONS)
    const { proxy, tls } = this.#options
    if (proxy === null) return agent
    agent.createConnection = (options, done) => {
      const { host, port } = options as { readonly host?: string | null; readonly port?: number | string | null }
      openTunnel({ proxy, tls, host: host ?? 'localhost', port: Number(port ?? HTTPS_PORT) }).then(
        (socket) => done?.(null, socket),
        (error) => done?.(error, null as never),
      )
      return undefined
    }
    return agent
  }
}

/** Scheme, host and path of a URL: never the user and password that may stand in it. */
export function placeOf(url: URL): string {
  return `${url.origin}${url.pathname}`
}

function messageOf(error: Error): string {
  // Several addresses that all refuse have an empty message of their own.
  return error instanceof AggregateError ? error.errors.map(errorMessage).join('; ') : error.message
}

async function readBody(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MOST_BYTES) throw new Error(`the answer is longer than ${MOST_BYTES} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function parse(body: string, status: number, where: string): unknown {
  try {
    return JSON.parse(body)
  } catch (cause) {
    const shown = body.slice(0, 80).replace(/\s+/g, ' ')
    throw new RegistryException(
      `${where}: the answer is not JSON, so this is no schema registry: ${shown}; check schema.registry.url`,
      { status: status === 200 ? NOT_A_REGISTRY : status, errorCode: 0, cause },
    )
  }
}

/** No status of HTTP: an answer that no registry gives, which no retry mends. */
const NOT_A_REGISTRY = -1

function refusal(status: number, body: string, where: string): RegistryException {
  let answer: { readonly error_code?: unknown; readonly message?: unknown } = {}
  try {
    answer = Object(JSON.parse(body))
  } catch {
    // Something before the registry answered: the status must do.
  }
  const errorCode = typeof answer.error_code === 'number' ? answer.error_code : 0
  const said = typeof answer.message === 'string' ? answer.message : `status ${status}`
  const code = errorCode === 0 ? `status: ${status}` : `error code: ${errorCode}`
  return new RegistryException(`${where}: ${said}; ${code}`, { status, errorCode })
}
