// Requests from this worker to another: one connection each, bounded in time, the worker's own TLS identity.
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { type ConnectorProps, errorMessage } from '@millrace/api'
import { RestException } from '../control/errors.ts'
import { ERROR_CODE_HEADER } from './http-error.ts'
import { clientTlsOptions } from './tls.ts'

/** A request to another worker. */
export interface RestCall {
  readonly url: string
  readonly method: string
  readonly headers?: Readonly<Record<string, string>>
  /** JSON text, if there is a body. */
  readonly body?: string
}

/** What it answered. */
export interface RestReply {
  readonly status: number
  readonly location: string | undefined
  /** The stable code of an error; undefined from a JVM's worker. */
  readonly errorCode: string | undefined
  readonly text: string
}

const TIMEOUT_MS = 90_000

/** Speaks to other workers. */
export class RestClient {
  readonly #props: ConnectorProps

  /** `props` is the worker's configuration: TLS settings are read from it when an https worker is first spoken to. */
  constructor(props: ConnectorProps) {
    this.#props = props
  }

  /**
   * Sends a request and reads the whole answer.
   * @throws RestException with the other worker's status and message, or 500 when it cannot be reached
   */
  async send(call: RestCall, signal?: AbortSignal): Promise<RestReply> {
    let reply: RestReply
    try {
      reply = await this.#exchange(call, signal)
    } catch (error) {
      throw new RestException(
        500,
        `IO Error trying to forward REST request: ${call.method} ${call.url}: ${errorMessage(error)}`,
        { cause: error },
      )
    }
    if (reply.status >= 400) throw remoteError(reply)
    return reply
  }

  #exchange({ url, method, headers, body }: RestCall, signal?: AbortSignal): Promise<RestReply> {
    const secure = url.startsWith('https:')
    const options = {
      method,
      agent: false as const,
      timeout: TIMEOUT_MS,
      ...(signal !== undefined && { signal }),
      ...(secure && clientTlsOptions(this.#props, 'listeners.https.')),
      headers: {
        accept: 'application/json',
        'user-agent': 'kafka-connect',
        ...(body !== undefined && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
        ...headers,
      },
    }
    return new Promise((resolve, reject) => {
      const send = secure ? httpsRequest : httpRequest
      const outgoing = send(url, options, (response) => void read(response).then(resolve, reject))
      outgoing.on('error', reject)
      outgoing.on('timeout', () => outgoing.destroy(new Error(`No answer within ${TIMEOUT_MS} ms`)))
      outgoing.end(body)
    })
  }
}

async function read(response: IncomingMessage): Promise<RestReply> {
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  return {
    status: response.statusCode ?? 500,
    location: response.headers.location,
    errorCode: response.headers[ERROR_CODE_HEADER] as string | undefined,
    text: Buffer.concat(chunks).toString('utf8'),
  }
}

/** The other worker's error, as it was told there. */
function remoteError({ status, text, errorCode }: RestReply): RestException {
  try {
    const { message } = JSON.parse(text) as { message?: unknown }
    if (typeof message === 'string') {
      return Object.assign(new RestException(status, message), errorCode !== undefined && { code: errorCode })
    }
  } catch {
    // Something that is no worker answered: its text is all there is to say.
  }
  return new RestException(
    status,
    `Unexpected answer with status ${status} to a forwarded request: ${text.slice(0, 200)}`,
  )
}
