// Parameters of paths and queries.
import { errors, RegistryError } from '../errors.ts'
import type { RegistryRequest } from './route.ts'

/** True for `true` in any case; everything else is false, as in the reference. */
export function flag({ query }: RegistryRequest, name: string): boolean {
  return query.get(name)?.toLowerCase() === 'true'
}

/** A version: -1 for `latest`. @throws RegistryError 42202 */
export function versionOf({ params }: RegistryRequest): number {
  const text = (params.version ?? '').trim()
  if (text.toLowerCase() === 'latest') return -1
  const version = /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN
  if (version === -1) return -1
  if (!(version >= 1 && version <= 0x7fffffff)) throw errors.invalidVersion(params.version ?? '')
  return version
}

/** An id in a path. @throws RegistryError 404 for what is no number, as for any path that does not exist */
export function idOf({ params }: RegistryRequest): number {
  const text = params.id ?? ''
  if (!/^[+-]?\d{1,10}$/.test(text)) throw new RegistryError(404, 404, 'HTTP 404 Not Found')
  return Number(text)
}

/** The part of a list that `offset` and `limit` ask for; without a limit, or with one above `most`, `most` of it. */
export function page<T>({ query }: RegistryRequest, list: readonly T[], most = Number.POSITIVE_INFINITY): readonly T[] {
  const offset = numberOf(query, 'offset') ?? 0
  const limit = numberOf(query, 'limit') ?? -1
  if (offset < 0) throw new RegistryError(400, 400, 'offset must not be negative.')
  return list.slice(offset, offset + (limit > 0 && limit <= most ? limit : most))
}

function numberOf(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name)
  if (text === null) return undefined
  if (!/^-?\d{1,10}$/.test(text)) throw new RegistryError(404, 404, 'HTTP 404 Not Found')
  return Number(text)
}
