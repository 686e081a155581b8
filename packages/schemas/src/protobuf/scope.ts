// What names mean where: from the innermost message outwards, package by package.
// Source: https://protobuf.com/docs/language-spec#reference-resolution

/** The names around a place, innermost first: `a.b.C`, `a.b`, `a`, and none. */
export function* scopesOf(scope: string): Generator<string> {
  let rest = scope
  while (rest !== '') {
    yield rest
    rest = rest.slice(0, Math.max(0, rest.lastIndexOf('.')))
  }
  yield ''
}

/**
 * Finds what a name means.
 * @param name as written; absolute with a leading dot
 * @param scope full name of the message or package around it
 * @param lookup finds by full name, without leading dot
 * @returns the full name without leading dot, and what it stands for
 */
export function resolveName<T>(
  name: string,
  scope: string,
  lookup: (fullName: string) => T | undefined,
): { readonly fullName: string; readonly found: T } | undefined {
  if (name.startsWith('.')) {
    const found = lookup(name.slice(1))
    return found === undefined ? undefined : { fullName: name.slice(1), found }
  }
  for (const around of scopesOf(scope)) {
    const fullName = joinName(around, name)
    const found = lookup(fullName)
    if (found !== undefined) return { fullName, found }
  }
  return undefined
}

/** Joins two names with a dot, unless the first is empty. */
export function joinName(scope: string, name: string): string {
  return scope === '' ? name : `${scope}.${name}`
}
