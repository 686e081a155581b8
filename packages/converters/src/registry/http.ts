// One HTTP request to a registry: JSON there and back, with time limits, over connections that are kept.
import type { Agent, ClientRequest, IncomingMessage, RequestOptions } from 'node:http'
import type { ConnectionOptions } from 'node:tls'
import { errorMessage } from '@millrace/api'
import { RegistryException } from './errors.ts'

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
    const { url } = request
    const secure = url.protocol === 'https:'
    const agents = this.#agentsNow()
    const settings: RequestOptions = {
      method: request.method,
      headers: {
        ...request.headers,
        ...(request.body !== null && { 'content-length': String(Buffer.byteLength(request.body)) }),
      },
      agent: secure ? agents.https : agents.http,
    }
    const http = process.getBuiltinModule('node:http')
    if (secure) return process.getBuiltinModule('node:https').request(url, { ...tls, ...settings }, onResponse)
    if (proxy === null) return http.request(url, settings, onResponse)
    return http.request(
      {
        ...settings,
        host: proxy.host,
        port: proxy.port,
        path: url.href,
        headers: { ...settings.headers, host: url.host },
      },
      onResponse,
    )
  }
  #agentsNow(): { readonly http: Agent; readonly https: Agent } {
    const options = { keepAlive: true, timeout: IDLE_MS }
    this.#agents ??= {
      http: new (process.getBuiltinModule('node:http').Agent)(options),
      https: new (process.getBuiltinModule('node:https').Agent)(options),
    }
    return this.#agents
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
