// Routes of the registry's REST API: a method and a path to a handler. A table of thirty needs no more than a walk over it.
import { RegistryError } from '../errors.ts'

/** A request as handlers see it. */
export interface RegistryRequest {
  readonly method: string
  readonly params: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  /** The body as JSON; undefined when there is none. */
  readonly body: unknown
}

/** An answer: JSON, or (`text`) as it is. Neither: no content. */
export interface RegistryAnswer {
  readonly status?: number
  readonly json?: unknown
  readonly text?: string
}

export type RegistryHandler = (request: RegistryRequest) => RegistryAnswer | Promise<RegistryAnswer>

/** One route. Segments of `path` that begin with `:` match anything but nothing. */
export interface RegistryRoute {
  readonly method: string
  readonly path: string
  readonly handle: RegistryHandler
  /** Only the primary may do it: others send the request on to it. */
  readonly write?: boolean
  /** With `write`: what can be answered without the primary, or undefined. */
  readonly local?: (request: RegistryRequest) => Promise<RegistryAnswer | undefined>
}

/** A route with what the path says. */
export interface RouteMatch {
  readonly route: RegistryRoute
  readonly params: Readonly<Record<string, string>>
}

/** @throws RegistryError 404 for no such path, 405 for no such method on it */
export function findRoute(routes: readonly RegistryRoute[], method: string, segments: readonly string[]): RouteMatch {
  const found = routes.flatMap((route) => {
    const params = matchPath(route.path, segments)
    return params === undefined ? [] : [{ route, params }]
  })
  if (found.length === 0) throw new RegistryError(404, 404, 'HTTP 404 Not Found')
  // A path that is spelled out goes before one with a name in its place.
  const fitting = found.filter(({ route }) => route.method === (method === 'HEAD' ? 'GET' : method))
  const match = fitting.toSorted((a, b) => Object.keys(a.params).length - Object.keys(b.params).length)[0]
  if (match === undefined) throw new RegistryError(405, 405, 'HTTP 405 Method Not Allowed')
  return match
}

/** The segments of a path, decoded. @throws RegistryError 400 */
export function pathSegments(path: string): string[] {
  try {
    return path
      .split('/')
      .filter((segment) => segment !== '')
      .map(decodeURIComponent)
  } catch {
    throw new RegistryError(400, 400, 'HTTP 400 Bad Request')
  }
}

function matchPath(path: string, segments: readonly string[]): Record<string, string> | undefined {
  const pattern = path.split('/').filter((segment) => segment !== '')
  if (pattern.length !== segments.length) return undefined
  const params: Record<string, string> = {}
  for (const [at, part] of pattern.entries()) {
    const segment = segments[at] as string
    if (part.startsWith(':')) params[part.slice(1)] = segment
    else if (part !== segment) return undefined
  }
  return params
}
