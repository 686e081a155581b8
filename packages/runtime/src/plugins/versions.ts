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

/**
 * True when `version` is in `wanted`: `latest`, one version, or Maven ranges such as `[1.0,2.0)` and `(,1.5],[2.0,)` (KIP-891).
 * Undefined for a text that is none of these.
 */
export function versionFits(wanted: string, version: string): boolean | undefined {
  const text = wanted.trim()
  if (text === 'latest') return true
  if (!/[[(]/.test(text)) return text === '' ? undefined : compareVersions(text, version) === 0
  const ranges = text.match(/[[(][^[\]()]*[\])]/g) ?? []
  if (ranges.join('').length !== text.replace(/[,\s]*(?=[[(])|\s/g, '').length) return undefined
  return ranges.some((range) => inRange(range, version))
}

function inRange(range: string, version: string): boolean {
  const bounds = range.slice(1, -1).split(',')
  const [low = '', high = low] = bounds.map((bound) => bound.trim())
  const above = low === '' ? 1 : compareVersions(version, low)
  const below = high === '' ? -1 : compareVersions(version, high)
  return (range.startsWith('[') ? above >= 0 : above > 0) && (range.endsWith(']') ? below <= 0 : below < 0)
}
