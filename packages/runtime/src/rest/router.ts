// Routes: method and path to a handler. Few enough that a walk over them costs less than the answer's first byte.
import { HttpError } from './http-error.ts'

/** A request as handlers see it. */
export interface RouteRequest {
  readonly method: string
  /** Path without query, as it was sent. */
  readonly path: string
  readonly params: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  /** Whole body; empty when there is none. */
  readonly body: string
  /** `http://host:port` under which the client sees this worker. */
  readonly origin: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

/** An answer. `json` is stringified; `text` goes out as it is, with its own content type. */
export interface RouteAnswer {
  readonly status: number
  readonly json?: unknown
  readonly text?: string
  readonly headers?: Readonly<Record<string, string>>
}

export type Handler = (request: RouteRequest) => RouteAnswer | Promise<RouteAnswer>

/** One route. Segments of `path` that begin with `:` match anything but nothing. */
export interface Route {
  readonly method: string
  readonly path: string
  readonly handler: Handler
  /** Milliseconds until the client is told that it took too long; default 90 s. */
  readonly timeoutMs?: number
  /** Does not stand in the log of requests at level INFO. */
  readonly quiet?: boolean
  /** True for those that a client's `Accept` need not allow JSON for. */
  readonly anyType?: boolean
}

/** A route found, with what the path says. */
export interface Match {
  readonly route: Route
  readonly params: Readonly<Record<string, string>>
}

/** Finds routes. */
export class Router {
  readonly #routes: readonly { readonly route: Route; readonly segments: readonly string[] }[]

  constructor(routes: readonly Route[]) {
    this.#routes = routes.map((route) => ({ route, segments: split(route.path) }))
  }

  /** HEAD finds what GET does, OPTIONS tells the methods. @throws HttpError 404 for no such path, 405 for no such method on it */
  find(method: string, path: string): Match {
    const segments = split(path).map(decode)
    const matches = this.#routes.flatMap(({ route, segments: pattern }) => {
      const params = match(pattern, segments)
      return params === undefined ? [] : [{ route, params }]
    })
    if (matches.length === 0) throw new HttpError(404, 'Not Found')
    const wanted = method === 'HEAD' ? 'GET' : method
    const found = matches.find((one) => one.route.method === wanted)
    if (found !== undefined) return found
    const allow = allowed(matches.map((one) => one.route.method))
    if (method === 'OPTIONS') return { route: optionsRoute(allow), params: {} }
    throw new HttpError(405, 'Method Not Allowed', { allow })
  }
}

function allowed(methods: readonly string[]): string {
  const implied = methods.includes('GET') ? ['HEAD', 'OPTIONS'] : ['OPTIONS']
  return [...new Set([...methods, ...implied])].sort().join(', ')
}

function optionsRoute(allow: string): Route {
  const handler = () => ({ status: 200, text: allow, headers: { allow } })
  return { method: 'OPTIONS', path: '', handler, quiet: true, anyType: true }
}

function split(path: string): string[] {
  return path.split('/').filter((segment) => segment !== '')
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    throw new HttpError(400, 'Bad Request')
  }
}

function match(pattern: readonly string[], segments: readonly string[]): Record<string, string> | undefined {
  if (pattern.length !== segments.length) return undefined
  const params: Record<string, string> = {}
  for (const [at, part] of pattern.entries()) {
    const segment = segments[at] as string
    if (part.startsWith(':')) params[part.slice(1)] = segment
    else if (part !== segment) return undefined
  }
  return params
}
