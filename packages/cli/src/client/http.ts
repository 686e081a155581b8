// Requests to a Connect REST API: over one or several workers' addresses, patient while the cluster rebalances.
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { setTimeout as pause } from 'node:timers/promises'
import { errorMessage } from '@millrace/api'
import { ExitCode } from '../exit-codes.ts'
import { ClientError, RefusedError } from './client-error.ts'
import { parseExact } from './exact-json.ts'
import type { Settings } from './settings.ts'

/** An answer as it came. */
export interface Reply {
  readonly status: number
  readonly text: string
}

/** How long a request is repeated that a worker refuses because its group rebalances. */
const CONFLICT_PATIENCE_MS = 30_000
const CONFLICT_PAUSE_MS = 250
/** No byte of the request was taken: another worker may be asked. */
const NOT_SENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EHOSTUNREACH', 'ENETUNREACH', 'EAI_AGAIN'])

/** Sends requests. Connections are kept between them, and do not keep the process alive. */
export class HttpClient {
  readonly settings: Settings
  readonly #http = new HttpAgent({ keepAlive: true })
  readonly #https: HttpsAgent

  constructor(settings: Settings) {
    this.settings = settings
    this.#https = new HttpsAgent({ keepAlive: true, ...settings.tls })
  }

  /** Where requests go first, for messages. */
  get origin(): string {
    return addressOf(this.settings.urls[0]!)
  }

  /**
   * Sends a request and gives the parsed answer; undefined for one without a body.
   * A 409 of a rebalance is tried again for 30 s, one of something that exists already is not.
   * @throws RefusedError for an answer of 400 and above, ClientError when no worker answers
   */
  async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const giveUp = performance.now() + Math.min(CONFLICT_PATIENCE_MS, this.settings.timeoutMs)
    for (;;) {
      const reply = await this.send(method, path, body)
      if (reply.status < 400) return parsed(reply, `${method} ${path}`) as T
      const message = messageOf(reply)
      const transient = reply.status === 409 && !/already exists/i.test(message)
      if (!transient || performance.now() > giveUp) throw refused(reply.status, message, `${method} ${path}`)
      await pause(CONFLICT_PAUSE_MS)
    }
  }

  /** Sends a request to the first worker that can be reached. @throws ClientError when none can */
  async send(method: string, path: string, body?: unknown): Promise<Reply> {
    const failures: { readonly url: URL; readonly error: unknown }[] = []
    for (const url of this.settings.urls) {
      try {
        return await this.#sendTo(url, method, path, body === undefined ? undefined : JSON.stringify(body))
      } catch (error) {
        failures.push({ url, error })
        if (!NOT_SENT.has(codeOf(error))) break
      }
    }
    const { url, error } = failures.at(-1)!
    const all = failures.map((one) => addressOf(one.url)).join(', ')
    throw new ClientError(ExitCode.UNREACHABLE, `No answer from ${all} to ${method} ${path}: ${why(error)}`, {
      cause: error,
      action: hint(error, url),
    })
  }

  #sendTo(url: URL, method: string, path: string, body: string | undefined): Promise<Reply> {
    const secure = url.protocol === 'https:'
    const { headers, timeoutMs } = this.settings
    return new Promise((resolve, reject) => {
      const request = (secure ? httpsRequest : httpRequest)(
        addressOf(url) + path,
        {
          method,
          agent: secure ? this.#https : this.#http,
          headers: {
            accept: path.startsWith('/metrics') ? '*/*' : 'application/json',
            'user-agent': 'millrace',
            ...(body !== undefined && {
              'content-type': 'application/json',
              'content-length': Buffer.byteLength(body),
            }),
            ...headers,
          },
          signal: AbortSignal.timeout(timeoutMs),
        },
        (response) => void readAll(response).then(resolve, reject),
      )
      request.on('error', reject)
      request.end(body)
    })
  }
}

async function readAll(response: IncomingMessage): Promise<Reply> {
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  return { status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }
}

function parsed(reply: Reply, call: string): unknown {
  if (reply.text === '') return undefined
  try {
    return parseExact(reply.text)
  } catch (cause) {
    throw new ClientError(ExitCode.REFUSED, `The answer to ${call} is no JSON: ${reply.text.slice(0, 200)}`, {
      cause,
      action: 'Is this the address of a Kafka Connect REST API?',
    })
  }
}

function messageOf({ text, status }: Reply): string {
  try {
    const { message } = JSON.parse(text) as { readonly message?: unknown }
    if (typeof message === 'string') return message
  } catch {
    // An answer of something else on the way: a proxy, a login page. Its text is what there is.
  }
  return text.trim().slice(0, 500) || `HTTP ${status}`
}

function refused(status: number, message: string, call: string): RefusedError {
  const text = `${message.trimEnd()}${/[.!?`]$/.test(message.trimEnd()) ? '' : '.'} (${call}: ${status})`
  if (status === 401 || status === 403) {
    return new RefusedError(
      status,
      text,
      'Credentials are given with --user name:password, CONNECT_USER and CONNECT_PASSWORD, or a context.',
    )
  }
  return new RefusedError(status, text)
}

function addressOf(url: URL): string {
  return url.origin + url.pathname.replace(/\/$/, '')
}

function codeOf(error: unknown): string {
  // A name with several addresses fails with the errors of all of them.
  const first = error instanceof AggregateError ? (error.errors[0] as unknown) : error
  return first instanceof Error && 'code' in first ? String(first.code) : ''
}

function why(error: unknown): string {
  const code = codeOf(error)
  if (error instanceof Error && error.name === 'TimeoutError') return 'nothing came in time.'
  if (code === 'ECONNREFUSED') return 'nothing listens there.'
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'the host name is not known.'
  if (code === 'ECONNRESET') return 'the connection was closed.'
  return `${errorMessage(error instanceof AggregateError ? error.errors[0] : error)}.`
}

function hint(error: unknown, url: URL): string {
  const code = codeOf(error)
  if (/CERT|SELF_SIGNED|ISSUER/.test(code))
    return 'A certificate of your own is trusted with --cacert; --insecure trusts any.'
  if (code === 'EPROTO' || (code === 'ECONNRESET' && url.protocol === 'http:') || code.startsWith('HPE_')) {
    return `Does the worker speak ${url.protocol === 'http:' ? 'https' : 'http'} there?`
  }
  return 'The address is given with --url, CONNECT_URL or a context (millrace context --help).'
}
