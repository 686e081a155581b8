// Compares what two connectors wrote, topic by topic and record by record; positions and times are put aside.
import type { Line } from './lines.ts'

/** One difference: where, and what each side has. */
export interface Difference {
  readonly at: string
  readonly theirs: unknown
  readonly ours: unknown
}

/** What is compared how. */
export interface CompareOptions {
  /** Names of fields that differ from run to run, in sources, payloads and positions. */
  readonly volatile?: readonly string[]
  /** What names a record of a topic whose records need not come in one order; undefined for the others. */
  readonly nameOf?: (line: Line) => string | undefined
}

const VOLATILE = ['ts_ms', 'ts_us', 'ts_ns', 'lsn', 'txId', 'sequence', 'xmin', 'id_of_run']

/** Every difference, in the order of topics and records. */
export function compare(
  theirs: readonly Line[],
  ours: readonly Line[],
  { volatile = VOLATILE, nameOf = () => undefined }: CompareOptions = {},
): Difference[] {
  const found: Difference[] = []
  const ignored = new Set(volatile)
  const topics = new Set([...theirs, ...ours].map((one) => one.topic))
  for (const topic of [...topics].sort()) {
    const a = named(theirs, topic, nameOf)
    const b = named(ours, topic, nameOf)
    if (a.size !== b.size) found.push({ at: `${topic}: records`, theirs: a.size, ours: b.size })
    for (const [name, line] of a) {
      const other = b.get(name)
      if (other !== undefined) walk(`${topic}[${name}]`, normal(line), normal(other), found, ignored)
      else if (Number.isNaN(Number(name))) found.push({ at: `${topic}[${name}]`, theirs: 'a record', ours: 'none' })
    }
    for (const name of b.keys())
      if (!a.has(name) && Number.isNaN(Number(name)))
        found.push({ at: `${topic}[${name}]`, theirs: 'none', ours: 'a record' })
  }
  return found
}

/** A topic's records by name and how often it came, or by place. */
function named(
  lines: readonly Line[],
  topic: string,
  nameOf: (line: Line) => string | undefined,
): ReadonlyMap<string, Line> {
  const all = new Map<string, Line>()
  const counts = new Map<string, number>()
  for (const [at, line] of lines.filter((one) => one.topic === topic).entries()) {
    const name = nameOf(line)
    const count = name === undefined ? 0 : (counts.get(name) ?? 0) + 1
    if (name !== undefined) counts.set(name, count)
    all.set(name === undefined ? String(at) : count === 1 ? name : `${name} #${count}`, line)
  }
  return all
}

/** Headers by name, without what differs from run to run. */
function normal(line: Line): unknown {
  const headers = line.headers.map((one, at) => (line.headers[at - 1] === '__debezium.context.runId' ? 'a run' : one))
  return { key: line.key, value: line.value, headers }
}

function walk(at: string, a: unknown, b: unknown, found: Difference[], ignored: ReadonlySet<string>): void {
  if (Object.is(a, b)) return
  if (typeof a === 'object' && typeof b === 'object' && a !== null && b !== null) {
    const names = new Set([...Object.keys(a), ...Object.keys(b)])
    for (const name of names) {
      const [x, y] = [(a as Record<string, unknown>)[name], (b as Record<string, unknown>)[name]]
      if (/\.(source|payload|position|value)$/.test(at) && ignored.has(name) && typeof x === typeof y) continue
      walk(`${at}.${label(a, b, name)}`, x, y, found, ignored)
    }
    return
  }
  found.push({ at, theirs: a, ours: b })
}

/** Fields of schemas by their names instead of their numbers. */
function label(a: object, b: object, name: string): string {
  const one = (a as Record<string, unknown>)[name] ?? (b as Record<string, unknown>)[name]
  const field = (one as { field?: unknown; name?: unknown } | null)?.field
  return Array.isArray(a) && typeof field === 'string' ? field : name
}
