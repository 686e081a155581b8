// Gets tokens with client credentials (RFC 6749 section 4.4, KIP-768) from an HTTP endpoint, or from a file.
import { readFile } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import type { ConnectionOptions } from 'node:tls'
import { fileURLToPath } from 'node:url'
import { errorMessage } from '@millrace/api'
import { type BackoffOptions, backoffMs, wait } from '../backoff.ts'
import { builtins } from '../builtins.ts'
import { authenticationFailed, disconnected, isRetriable, timedOut } from '../errors.ts'
import { readJwt } from './jwt.ts'
import type { BearerToken } from './oauthbearer.ts'

/** What the endpoint is asked with. Times in milliseconds. */
export interface TokenEndpointOptions {
  readonly url: URL
  readonly clientId: string
  readonly clientSecret: string
  readonly scope: string | null
  /** Encode id and secret as RFC 6749 section 2.3.1 says; most servers take them as they are. */
  readonly urlEncode: boolean
  readonly connectTimeoutMs: number
  readonly readTimeoutMs: number
  readonly retryBackoff: BackoffOptions
  readonly tls: ConnectionOptions
  readonly extensions: ReadonlyMap<string, string>
}

/** An answer above this many bytes is no token. */
const MOST_BYTES = 1 << 20
const SHOWN_CHARACTERS = 200

/**
 * Asks the endpoint for a token. Failures that may pass are tried again with backoff, until the backoff is at its cap.
 * @throws KafkaException `SaslAuthenticationException` for a refusal; a retriable one when the endpoint cannot be reached
 */
export async function fetchToken(options: TokenEndpointOptions): Promise<BearerToken> {
  const giveUpAt = performance.now() + options.retryBackoff.maxMs
  for (let attempt = 0; ; attempt++) {
    try {
      const { status, body } = await post(options)
      return readJwt(accessToken(options.url, status, body), options.url.origin, options.extensions)
    } catch (error) {
      const pause = backoffMs(options.retryBackoff, attempt)
      if (!isRetriable(error) || performance.now() + pause > giveUpAt) throw error
      await wait(pause)
    }
  }
}

/** Reads a token from a file, anew each time: something else keeps it fresh. */
export async function readTokenFile(url: URL, extensions: ReadonlyMap<string, string>): Promise<BearerToken> {
  const path = fileURLToPath(url)
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    throw authenticationFailed(`The OAUTHBEARER token file ${path} cannot be read: ${errorMessage(error)}`, error)
  }
  return readJwt(text, path, extensions)
}

function post(options: TokenEndpointOptions): Promise<{ status: number; body: string }> {
  const { url } = options
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    ...(options.scope !== null && { scope: options.scope }),
  })
  const payload = Buffer.from(form.toString(), 'utf8')
  const settings = {
    method: 'POST',
    headers: {
      accept: 'application/json',
      authorization: `Basic ${credentials(options)}`,
      'content-type': 'application/x-www-form-urlencoded',
      'content-length': payload.length,
      'cache-control': 'no-cache',
    },
    // A connection kept for the next token, an hour later, would only be found closed.
    agent: false,
  } as const
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => {
      clearTimeout(timer)
      reject(disconnected(`The token endpoint ${url.origin} cannot be asked: ${error.message}`, error))
    }
    const expire = (ms: number, doing: string) =>
      setTimeout(() => {
        request.destroy()
        reject(timedOut(`The token endpoint ${url.origin} did not ${doing} within ${ms} ms`))
      }, ms)
    const onResponse = (response: IncomingMessage) => {
      readBody(response).then((body) => {
        clearTimeout(timer)
        resolve({ status: response.statusCode ?? 0, body })
      }, fail)
    }
    const request =
      url.protocol === 'https:'
        ? builtins.https.request(url, { ...options.tls, ...settings }, onResponse)
        : builtins.http.request(url, settings, onResponse)
    let timer = expire(options.connectTimeoutMs, 'accept a connection')
    request.once('error', fail)
    request.once('socket', (socket) => {
      socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', () => {
        clearTimeout(timer)
        timer = expire(options.readTimeoutMs, 'answer')
      })
    })
    request.end(payload)
  })
}

async function readBody(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MOST_BYTES) throw new Error(`its answer is longer than ${MOST_BYTES} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function credentials(options: TokenEndpointOptions): string {
  const encode = options.urlEncode ? encodeURIComponent : (text: string) => text
  return Buffer.from(`${encode(options.clientId)}:${encode(options.clientSecret)}`, 'utf8').toString('base64')
}

function accessToken(url: URL, status: number, body: string): string {
  if (status >= 500 || status === 429)
    throw disconnected(`The token endpoint ${url.origin} answered with status ${status}`)
  let answer: { readonly access_token?: unknown; readonly error?: unknown; readonly error_description?: unknown } = {}
  try {
    answer = Object(JSON.parse(body))
  } catch {
    // No JSON: the status says enough, and the body may repeat the secret.
  }
  if (status === 200 && typeof answer.access_token === 'string') return answer.access_token
  const reason = [answer.error, answer.error_description].filter((part) => typeof part === 'string').join(': ')
  const shown = reason === '' ? 'no reason given' : reason.slice(0, SHOWN_CHARACTERS)
  throw authenticationFailed(
    status === 200
      ? `The token endpoint ${url.origin} answered without an access_token`
      : `The token endpoint ${url.origin} refused the client credentials with status ${status}: ${shown}`,
  )
}
