// Compares what two connectors wrote, topic by topic and record by record; positions and times are put aside.
import type { Line } from './lines.ts'

/** One difference: where, and what each side has. */
export interface Difference {
  readonly at: string
  readonly theirs: unknown
  readonly ours: unknown
}

const VOLATILE = new Set(['ts_ms', 'ts_us', 'ts_ns', 'lsn', 'txId', 'sequence', 'xmin', 'id_of_run'])

/** Every difference, in the order of topics and records. */
export function compare(theirs: readonly Line[], ours: readonly Line[]): Difference[] {
  const found: Difference[] = []
  const topics = new Set([...theirs, ...ours].map((one) => one.topic))
  for (const topic of [...topics].sort()) {
    const a = theirs.filter((one) => one.topic === topic)
    const b = ours.filter((one) => one.topic === topic)
    if (a.length !== b.length) found.push({ at: `${topic}: records`, theirs: a.length, ours: b.length })
    for (let index = 0; index < Math.min(a.length, b.length); index++) {
      walk(`${topic}[${index}]`, normal(a[index] as Line), normal(b[index] as Line), found)
    }
  }
  return found
}

/** Headers by name, without what differs from run to run. */
function normal(line: Line): unknown {
  const headers = line.headers.map((one, at) => (line.headers[at - 1] === '__debezium.context.runId' ? 'a run' : one))
  return { key: line.key, value: line.value, headers }
}

function walk(at: string, a: unknown, b: unknown, found: Difference[]): void {
  if (Object.is(a, b)) return
  if (typeof a === 'object' && typeof b === 'object' && a !== null && b !== null) {
    const names = new Set([...Object.keys(a), ...Object.keys(b)])
    for (const name of names) {
      const inPayload = /\.(source|payload)$/.test(at)
      const [x, y] = [(a as Record<string, unknown>)[name], (b as Record<string, unknown>)[name]]
      if (inPayload && VOLATILE.has(name) && typeof x === typeof y) continue
      walk(`${at}.${label(a, b, name)}`, x, y, found)
    }
    return
  }
  found.push({ at, theirs: a, ours: b })
}

/** Fields of schemas by their names instead of their numbers. */
function label(a: object, b: object, name: string): string {
  const one = (a as Record<string, unknown>)[name] ?? (b as Record<string, unknown>)[name]
  const field = (one as { field?: unknown } | null)?.field
  return Array.isArray(a) && typeof field === 'string' ? field : name
}
