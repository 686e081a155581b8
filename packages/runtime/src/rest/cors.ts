// `access.control.allow.*`: which web pages may call the REST API.
import type { IncomingMessage, ServerResponse } from 'node:http'

const SIMPLE_METHODS = 'GET,POST,HEAD'
const ALLOWED_HEADERS = 'Content-Type'
const MAX_AGE_SECONDS = '60'

/** Origins and methods allowed. */
export interface CorsConfig {
  /** Comma list; `*` stands for anything, also within an origin. */
  readonly origin: string
  /** Comma list; empty is GET, POST and HEAD. */
  readonly methods: string
}

/** Adds the headers for a page's request. @returns true when it was a preflight request, which needs no more */
export function applyCors(config: CorsConfig, request: IncomingMessage, response: ServerResponse): boolean {
  const origin = request.headers.origin
  if (origin === undefined || !allowed(config.origin, origin)) return false
  response.setHeader('access-control-allow-origin', origin)
  response.appendHeader('vary', 'Origin')
  const wanted = request.headers['access-control-request-method']
  if (request.method !== 'OPTIONS' || wanted === undefined) return false
  response.setHeader('access-control-allow-methods', config.methods.trim() === '' ? SIMPLE_METHODS : config.methods)
  response.setHeader('access-control-allow-headers', ALLOWED_HEADERS)
  response.setHeader('access-control-max-age', MAX_AGE_SECONDS)
  return true
}

function allowed(origins: string, origin: string): boolean {
  return origins.split(',').some((entry) => {
    const pattern = entry
      .trim()
      .split('*')
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('.*')
    return new RegExp(`^${pattern}$`).test(origin)
  })
}
