// One request from its first byte to its last: body in, route, answer or error out, a line in the log.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { errorCode, type Logger } from '@millrace/api'
import { RestException } from '../control/errors.ts'
import type { SecretMask } from '../logging/mask.ts'
import { applyCors, type CorsConfig } from './cors.ts'
import { ERROR_CODE_HEADER, errorBody, HttpError } from './http-error.ts'
import { applyHeaderRules, type HeaderRule } from './response-headers.ts'
import type { Match, RouteAnswer, Router } from './router.ts'

const DEFAULT_TIMEOUT_MS = 90_000
const LARGEST_BODY = 16 * 1024 * 1024
const JSON_TYPE = 'application/json'

/** Code of a user that sees every request before the routes do. */
export type Filter = (request: {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
}) => PromiseLike<RouteAnswer | undefined> | RouteAnswer | undefined

/** What all exchanges of a listener share. */
export interface ExchangeContext {
  readonly router: Router
  readonly filters: readonly Filter[]
  readonly cors: CorsConfig | null
  readonly headerRules: readonly HeaderRule[]
  readonly mask: SecretMask
  readonly log: Logger
  readonly protocol: 'http' | 'https'
}

/** Handles one request. Never rejects. */
export async function exchange(
  context: ExchangeContext,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const begun = performance.now()
  let quiet = false
  try {
    applyHeaderRules(context.headerRules, response)
    if (context.cors !== null && applyCors(context.cors, request, response)) {
      response.writeHead(200).end()
    } else {
      const outcome = await answer(context, request)
      quiet = outcome.quiet
      send(response, outcome.answer, request.method === 'HEAD')
    }
  } catch (error) {
    sendError(context, response, error)
  }
  logLine(context.log, request, response, performance.now() - begun, quiet)
}

async function answer(
  context: ExchangeContext,
  request: IncomingMessage,
): Promise<{ answer: RouteAnswer; quiet: boolean }> {
  const method = request.method ?? 'GET'
  const url = new URL(request.url ?? '/', 'http://worker')
  const path = url.pathname
  for (const filter of context.filters) {
    const early = await filter({ method, path, headers: request.headers })
    if (early !== undefined) return { answer: early, quiet: false }
  }
  const match = context.router.find(method, path)
  requireAcceptable(match, request)
  const body = await readBody(request)
  requireJson(request, body)
  const origin = `${context.protocol}://${request.headers.host ?? 'localhost'}`
  const work = Promise.resolve(
    match.route.handler({
      method,
      path,
      params: match.params,
      query: url.searchParams,
      body,
      origin,
      headers: request.headers,
    }),
  )
  return {
    answer: await withTimeout(work, match.route.timeoutMs ?? DEFAULT_TIMEOUT_MS),
    quiet: match.route.quiet === true,
  }
}

/** The whole body. What is too large is read on and thrown away, so that the client hears why. */
function readBody(request: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size <= LARGEST_BODY) chunks.push(chunk)
      else reject(new HttpError(413, 'Request Entity Too Large', { connection: 'close' }))
    })
    request.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')))
    request.on('error', reject)
    // Without effect after the end; before it the client went away.
    request.on('close', () => reject(new HttpError(400, 'Bad Request')))
  })
}

function requireJson(request: IncomingMessage, body: string): void {
  if (body === '') return
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase()
  if (type !== JSON_TYPE) throw new HttpError(415, 'Unsupported Media Type')
}

function requireAcceptable({ route }: Match, request: IncomingMessage): void {
  const accept = request.headers.accept
  if (accept === undefined || route.anyType === true) return
  const types = accept.split(',').map((one) => one.split(';')[0]?.trim().toLowerCase())
  if (!types.some((type) => type === JSON_TYPE || type === 'application/*' || type === '*/*' || type === '')) {
    throw new HttpError(406, 'Not Acceptable')
  }
}

async function withTimeout<T>(work: Promise<T>, timeoutMs: number): Promise<T> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new RestException(500, 'Request timed out')), timeoutMs)
  try {
    return await Promise.race([work, late.promise])
  } finally {
    clearTimeout(timer)
  }
}

function send(response: ServerResponse, { status, json, text, headers }: RouteAnswer, head: boolean): void {
  if (headers !== undefined) for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
  const body = text ?? (json === undefined ? undefined : stringify(json))
  if (body === undefined) {
    response.writeHead(status).end()
    return
  }
  if (!response.hasHeader('content-type'))
    response.setHeader('content-type', text === undefined ? JSON_TYPE : 'text/plain')
  response.setHeader('content-length', Buffer.byteLength(body))
  response.writeHead(status).end(head ? undefined : body)
}

function sendError(context: ExchangeContext, response: ServerResponse, error: unknown): void {
  const { error_code, message } = errorBody(error)
  if (error_code >= 500) context.log.debug('Uncaught exception in REST call', { error })
  if (response.headersSent) {
    response.destroy()
    return
  }
  // The body is the reference's: the code is beside it.
  response.setHeader(ERROR_CODE_HEADER, errorCode(error))
  if (error instanceof HttpError)
    for (const [name, value] of Object.entries(error.headers)) response.setHeader(name, value)
  send(response, { status: error_code, json: { error_code, message: context.mask.mask(message) } }, false)
}

/** JSON with bigints as numbers, every digit kept. */
function stringify(value: unknown): string {
  return JSON.stringify(value, (_key, one: unknown) => (typeof one === 'bigint' ? rawJson(String(one)) : one))
}

const rawJson = (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON

/** Like the extended NCSA format, with the time taken in milliseconds at the end. */
function logLine(log: Logger, request: IncomingMessage, response: ServerResponse, ms: number, quiet: boolean): void {
  const level = quiet ? 'debug' : 'info'
  if (!log.isEnabled(level)) return
  const length = response.getHeader('content-length') ?? '-'
  const { referer = '-', 'user-agent': agent = '-' } = request.headers
  // A connection that broke has no socket any more, whatever its type says.
  const address = (request.socket as IncomingMessage['socket'] | null)?.remoteAddress ?? '-'
  log[level](
    `${address} - - "${request.method} ${request.url} HTTP/${request.httpVersion}" ` +
      `${response.statusCode} ${length} "${referer}" "${agent}" ${Math.round(ms)}`,
  )
}
