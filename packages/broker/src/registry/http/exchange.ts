// One request from its first byte to its last: body in, route, answer or error out. The handler of a `node:http` server.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { errorMessage, type Logger } from '@millrace/api'
import { RegistryError } from '../errors.ts'
import { inContext, type Target, withoutAliases } from './rewrite.ts'
import { findRoute, pathSegments, type RegistryAnswer, type RegistryRequest, type RegistryRoute } from './route.ts'

/** Who writes. */
export interface Primary {
  /** True when this instance may write now. */
  readonly isPrimary: boolean
  /** Where the primary is reached; undefined when none is known. */
  readonly url: string | undefined
  /** Sends a request on to the primary. Undefined when nobody listens there, so that nothing has been done. */
  forward(url: string, request: IncomingMessage, body: Buffer): Promise<ForwardedAnswer | undefined>
  /** Resolves after the next election, at the latest after `timeoutMs`. */
  nextElection(timeoutMs: number): Promise<void>
}

/** An answer of the primary, to be passed on as it is. */
export interface ForwardedAnswer {
  readonly status: number
  readonly contentType: string
  readonly body: Buffer
}

/** What all exchanges share. */
export interface ExchangeContext {
  readonly routes: readonly RegistryRoute[]
  readonly unalias: (name: string) => string
  readonly primary: Primary
  readonly log: Logger
}

/** Set on requests that one instance sends on to another, which must not send them further. */
export const FORWARDED = 'x-forward'
/** An election that is under way tells one instance before the other: so long a request waits for it. */
const SETTLE_MS = 3_000
const LARGEST_BODY = 16 * 1024 * 1024
const TYPES = ['application/vnd.schemaregistry.v1+json', 'application/vnd.schemaregistry+json', 'application/json']
const OWN_TYPE = TYPES[0] as string

/** Handles requests; never rejects. Writes are done one at a time, in the order in which they came. */
export function exchangeHandler(
  context: ExchangeContext,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  let last: Promise<unknown> = Promise.resolve()
  const serially = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = last.then(work)
    last = turn.catch(() => {})
    return turn
  }
  return async (request, response) => {
    const begun = performance.now()
    try {
      const type = acceptable(request)
      const answer = await answerTo(context, request, serially)
      if ('body' in answer) sendBytes(response, answer.status, answer.contentType, answer.body)
      else send(response, answer, type, request.method === 'HEAD')
    } catch (error) {
      sendError(context.log, response, error)
    }
    const ms = Math.round(performance.now() - begun)
    context.log.debug(`${request.method} ${request.url} ${response.statusCode} ${ms}`)
  }
}

async function answerTo(
  context: ExchangeContext,
  request: IncomingMessage,
  serially: <T>(work: () => Promise<T>) => Promise<T>,
): Promise<RegistryAnswer | ForwardedAnswer> {
  const method = request.method ?? 'GET'
  const url = new URL(request.url ?? '/', 'http://registry')
  const asked: Target = { segments: pathSegments(url.pathname), query: url.searchParams }
  const { segments, query } = withoutAliases(inContext(method, asked), context.unalias)
  const { route, params } = findRoute(context.routes, method, segments)
  const bytes = await readBody(request)
  const read: RegistryRequest = { method, params, query, body: parseBody(request, bytes) }
  if (route.write !== true) return route.handle(read)
  const local = await route.local?.(read)
  if (local !== undefined) return local
  const { primary } = context
  const deadline = performance.now() + SETTLE_MS
  for (;;) {
    if (primary.isPrimary) return serially(async () => await doAsPrimary(context, route, read))
    // Who sent it on took this instance for the primary: going in circles helps nobody, but the news may be on its way.
    if (primary.url !== undefined && request.headers[FORWARDED] === undefined) {
      const answer = await primary.forward(primary.url, request, bytes)
      if (answer !== undefined) return answer
    }
    const left = deadline - performance.now()
    if (left <= 0) throw unknownPrimary()
    await primary.nextElection(left)
  }
}

/** Asked again in its turn: the election may have gone on while the request waited. */
async function doAsPrimary(context: ExchangeContext, route: RegistryRoute, request: RegistryRequest) {
  if (!context.primary.isPrimary) throw unknownPrimary()
  return route.handle(request)
}

function unknownPrimary(): RegistryError {
  return new RegistryError(500, 50004, 'Leader not known.')
}

/** The whole body. What is too large is read on and thrown away, so that the client hears why. */
function readBody(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size <= LARGEST_BODY) chunks.push(chunk)
      else reject(new RegistryError(413, 413, `The body is larger than ${LARGEST_BODY} bytes.`))
    })
    request.on('end', () => resolve(Buffer.concat(chunks)))
    request.on('error', reject)
    // Without effect after the end; before it the client went away.
    request.on('close', () => reject(new RegistryError(400, 400, 'HTTP 400 Bad Request')))
  })
}

function parseBody(request: IncomingMessage, bytes: Buffer): unknown {
  if (bytes.length === 0) return undefined
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase()
  if (type !== undefined && type !== 'application/octet-stream' && !TYPES.includes(type)) {
    throw new RegistryError(415, 415, 'HTTP 415 Unsupported Media Type')
  }
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch (cause) {
    throw new RegistryError(400, 400, `The body is not JSON: ${errorMessage(cause)}`, { cause })
  }
}

/** The first content type of ours that the client takes. @throws RegistryError 406 */
function acceptable({ headers }: IncomingMessage): string {
  const accepted = (headers.accept ?? '*/*').split(',').map((one) => one.split(';')[0]?.trim().toLowerCase() ?? '')
  for (const one of accepted) {
    if (TYPES.includes(one)) return one
    if (one === '*/*' || one === 'application/*' || one === '') return OWN_TYPE
  }
  throw new RegistryError(406, 406, 'HTTP 406 Not Acceptable')
}

function send(
  response: ServerResponse,
  { status = 200, json, text }: RegistryAnswer,
  type: string,
  head: boolean,
): void {
  if (json === undefined && text === undefined) {
    response.writeHead(status === 200 ? 204 : status).end()
    return
  }
  sendBytes(response, status, type, Buffer.from(text ?? JSON.stringify(json)), head)
}

function sendBytes(response: ServerResponse, status: number, type: string, body: Buffer, head = false): void {
  response.writeHead(status, { 'content-type': type, 'content-length': body.length }).end(head ? undefined : body)
}

function sendError(log: Logger, response: ServerResponse, error: unknown): void {
  const known = error instanceof RegistryError ? error : new RegistryError(500, 500, errorMessage(error))
  if (known.status >= 500) log.error('A request failed', { error })
  if (response.headersSent) {
    response.destroy()
    return
  }
  const body = JSON.stringify({ error_code: known.code, message: known.message })
  sendBytes(response, known.status, OWN_TYPE, Buffer.from(body))
}
