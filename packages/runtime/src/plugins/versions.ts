// Order of version texts, as far as Maven's rule and ours agree: numbers by value, a qualifier below no qualifier.

/** Negative when `a` is older than `b`, 0 when equal, positive when newer. */
export function compareVersions(a: string, b: string): number {
  const left = parts(a)
  const right = parts(b)
  for (let at = 0; at < Math.max(left.length, right.length); at++) {
    const order = comparePart(left[at], right[at])
    if (order !== 0) return order
  }
  return 0
}

function parts(version: string): (number | string)[] {
  return (version.toLowerCase().match(/\d+|[a-z]+/g) ?? []).map((part) => (/^\d/.test(part) ? Number(part) : part))
}

function comparePart(a: number | string | undefined, b: number | string | undefined): number {
  const [left, right] = [rank(a), rank(b)]
  if (left !== right) return left - right
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : a > b ? 1 : 0
  return 0
}

/** Qualifiers stand below the release itself, except service packs; numbers by value above it. */
function rank(part: number | string | undefined): number {
  if (part === undefined) return 0
  if (typeof part === 'number') return part
  return part === 'final' || part === 'ga' || part === 'release' ? 0 : part === 'sp' ? 0.5 : -1
}
