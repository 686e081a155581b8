// Sends a request on to the primary and brings its answer back, byte for byte.
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { errorMessage } from '@millrace/api'
import { errors } from '../errors.ts'
import { FORWARDED, type ForwardedAnswer } from './exchange.ts'

/** Headers that go along: who asks, and in which form. */
const PASSED = ['accept', 'content-type', 'authorization', 'x-request-id']

/**
 * @param url of the primary, without a path
 * @param options `signal` gives up: what was asked may have been done or not
 * @returns undefined when nobody listens there
 * @throws RegistryError 50003 when it does not answer in time, or is given up
 */
export async function forwardTo(
  url: string,
  request: IncomingMessage,
  body: Buffer,
  { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<ForwardedAnswer | undefined> {
  const passed = PASSED.flatMap((name) => {
    const value = request.headers[name]
    return value === undefined ? [] : [[name, String(value)] as const]
  })
  const headers = { ...Object.fromEntries(passed), [FORWARDED]: 'true', 'content-length': body.length }
  const target = new URL(request.url ?? '/', url)
  const send = target.protocol === 'https:' ? (await import('node:https')).request : httpRequest
  return new Promise((resolve, reject) => {
    const failed = (cause: unknown) => {
      const why = signal.aborted ? signal.reason : cause
      const what = `Unexpected error while forwarding the request to ${url}: ${errorMessage(why)}`
      reject(errors.forwarding(what, why))
    }
    const outgoing = send(target, { method: request.method, headers, timeout: timeoutMs, signal }, (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('error', failed)
      answer.on('end', () => {
        const contentType = answer.headers['content-type'] ?? 'application/json'
        resolve({ status: answer.statusCode ?? 500, contentType, body: Buffer.concat(chunks) })
      })
    })
    outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer within ${timeoutMs} ms`)))
    outgoing.on('error', (cause) => {
      if ('code' in cause && cause.code === 'ECONNREFUSED') resolve(undefined)
      else failed(cause)
    })
    outgoing.end(body)
  })
}
