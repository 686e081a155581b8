// What becomes of a request's names before it finds its route: contexts in the path, and aliases.
import { RegistryError } from '../errors.ts'
import { ALL_CONTEXTS, normalizeContext } from '../model/subject-name.ts'

/** A path taken apart, and its query, which {@link inContext} may add to. */
export interface Target {
  readonly segments: readonly string[]
  readonly query: URLSearchParams
}

/**
 * `/contexts/.staging/subjects/orders/versions` is `/subjects/:.staging:orders/versions`; lists of such a path see that
 * context alone. Names that say their context keep it.
 * @throws RegistryError 400 for a context that is none
 */
export function inContext(method: string, { segments, query }: Target): Target {
  const [first, name, ...rest] = segments
  if (first !== 'contexts' || name === undefined) return { segments, query }
  const prefix = normalizeContext(name)
  if (prefix === undefined) throw new RegistryError(400, 400, `Context name '${name}' cannot contain a colon`)
  // `DELETE /contexts/x` is about the context itself.
  if (rest.length === 0) return { segments: ['contexts', prefix], query }
  const qualified = (one: string) => (one.startsWith(':.') || one.startsWith(ALL_CONTEXTS) ? one : `${prefix}${one}`)
  const settings = rest[0] === 'config' || rest[0] === 'mode'
  if (settings && rest.length === 1) return { segments: prefix === '' ? rest : [...rest, prefix], query }
  const at = settings ? 1 : rest.indexOf('subjects') + 1
  const renamed = rest.map((one, index) => (at > 0 && index === at ? qualified(one) : one))
  const changed = new URLSearchParams(query)
  if (rest[0] === 'schemas' && rest[1] === 'ids') changed.set('subject', qualified(query.get('subject') ?? ''))
  const isList = rest.length === 1 && (rest[0] === 'schemas' || rest[0] === 'subjects')
  if (isList && method !== 'POST') changed.set('subjectPrefix', qualified(query.get('subjectPrefix') ?? ''))
  return { segments: renamed, query: changed }
}

/** Puts subjects in the place of their aliases, in paths below `subjects` and in the `subject` of a query by id. */
export function withoutAliases({ segments, query }: Target, unalias: (name: string) => string): Target {
  const at = segments.indexOf('subjects') + 1
  const renamed = segments.map((one, index) => (at > 0 && index === at ? unalias(one) : one))
  const subject = query.get('subject')
  if (segments[0] !== 'schemas' || segments[1] !== 'ids' || subject === null) return { segments: renamed, query }
  const changed = new URLSearchParams(query)
  changed.set('subject', unalias(subject))
  return { segments: renamed, query: changed }
}
