// Order and ranges of version texts by Maven's rules, which KIP-891 takes over: held to Maven's own answers by the test.

/** A part of a version: a number, a qualifier, or what follows a hyphen or a change between digits and letters. */
type Item = number | string | Item[]

/** Qualifiers from the lowest; the empty one is the release itself, and unknown ones come after all. */
const QUALIFIERS = ['alpha', 'beta', 'milestone', 'rc', 'snapshot', '', 'sp']
const ALIASES: Readonly<Record<string, string>> = { ga: '', final: '', release: '', cr: 'rc' }
const SHORT: Readonly<Record<string, string>> = { a: 'alpha', b: 'beta', m: 'milestone' }

/** Negative when `a` is older than `b`, 0 when equal, positive when newer. */
export function compareVersions(a: string, b: string): number {
  return compareItems(parse(a), parse(b))
}

function parse(version: string): Item[] {
  const root: Item[] = []
  const lists = [root]
  let list = root
  const nest = () => {
    if (list.length === 0) return
    const inner: Item[] = []
    list.push(inner)
    lists.push(inner)
    list = inner
  }
  const tokens = version.toLowerCase().match(/\d+|[^\d.-]+|[.-]/g) ?? []
  for (const [at, token] of tokens.entries()) {
    const before = tokens[at - 1]
    if (token === '.' || token === '-') {
      if (before === undefined || before === '.' || before === '-') list.push(0)
      if (token === '-') nest()
      continue
    }
    const isNumber = /^\d/.test(token)
    // Letters after digits and digits after letters begin a part as a hyphen does; so do letters after a dot.
    if (before !== undefined && before !== '-' && (before !== '.' || !isNumber)) nest()
    list.push(isNumber ? Number(token) : qualifier(token, /^\d/.test(tokens[at + 1] ?? '')))
  }
  for (const one of lists.reverse()) normalize(one)
  return root
}

function qualifier(text: string, beforeDigit: boolean): string {
  return (beforeDigit ? SHORT[text] : undefined) ?? ALIASES[text] ?? text
}

/** Drops what stands for nothing at the end and before qualifiers: `1.0.0` is `1`. */
function normalize(list: Item[]): void {
  for (let at = list.length - 1; at >= 0; at--) {
    if (isNothing(list[at] as Item)) {
      const next = list[at + 1]
      const first = Array.isArray(next) ? next[0] : next
      if (next === undefined || typeof first === 'string') list.splice(at, 1)
    }
  }
}

function isNothing(item: Item): boolean {
  return item === 0 || item === '' || (Array.isArray(item) && item.length === 0)
}

function compareItems(a: Item | undefined, b: Item | undefined): number {
  if (a === undefined) return b === undefined ? 0 : -compareItems(b, undefined)
  if (typeof a === 'number') return b === undefined ? a : typeof b === 'number' ? a - b : 1
  if (typeof a === 'string') {
    if (typeof b === 'number' || Array.isArray(b)) return -1
    return compareQualifiers(a, b ?? '')
  }
  if (typeof b === 'number') return -1
  if (typeof b === 'string') return 1
  for (let at = 0; at < Math.max(a.length, b?.length ?? 0); at++) {
    const order = compareItems(a[at], b?.[at])
    if (order !== 0) return order
  }
  return 0
}

function compareQualifiers(a: string, b: string): number {
  const [left, right] = [rank(a), rank(b)]
  if (left !== right) return left - right
  return left < QUALIFIERS.length || a === b ? 0 : a < b ? -1 : 1
}

function rank(text: string): number {
  const at = QUALIFIERS.indexOf(text)
  return at < 0 ? QUALIFIERS.length : at
}

/** True for a version text that asks for no version: none, or `latest`. */
export function isLatest(wanted: string | null | undefined): wanted is null | undefined {
  return wanted === null || wanted === undefined || wanted.trim() === 'latest'
}

/**
 * True when `version` is in `wanted`: `latest`, one version, or Maven ranges such as `[1.0,2.0)` and `(,1.5],[2.0,)` (KIP-891).
 * Undefined for a text that is none of these.
 */
export function versionFits(wanted: string, version: string): boolean | undefined {
  const text = wanted.trim()
  if (isLatest(text)) return true
  if (!/[[\]()]/.test(text)) return text === '' || text.includes(',') ? undefined : compareVersions(text, version) === 0
  if (!/^[[(][^[\]()]*[\])](\s*,\s*[[(][^[\]()]*[\])])*$/.test(text)) return undefined
  const ranges = (text.match(/[[(][^[\]()]*[\])]/g) ?? []).map(rangeOf)
  return ranges.includes(undefined) ? undefined : ranges.some((range) => range?.(version))
}

/** Undefined for a range that Maven refuses: upside down, or of one version without being closed. */
function rangeOf(text: string): ((version: string) => boolean) | undefined {
  const bounds = text
    .slice(1, -1)
    .split(',')
    .map((bound) => bound.trim())
  const [low = '', high = low] = bounds
  const [closedBelow, closedAbove] = [text.startsWith('['), text.endsWith(']')]
  if (bounds.length > 2 || (bounds.length === 1 && (low === '' || !closedBelow || !closedAbove))) return undefined
  if (low !== '' && high !== '' && compareVersions(low, high) > 0) return undefined
  return (version) => {
    const above = low === '' ? 1 : compareVersions(version, low)
    const below = high === '' ? -1 : compareVersions(version, high)
    return (closedBelow ? above >= 0 : above > 0) && (closedAbove ? below <= 0 : below < 0)
  }
}
