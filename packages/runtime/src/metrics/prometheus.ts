// Samples as Prometheus text, under the names that the JMX exporter gives the reference's beans: by its default format
// (`kafka_connect_<group>_<attribute>`), and by the rules that dashboards in the field come with, where those differ.
import type { MetricSample } from '../plane/messages.ts'
import { type AttributeType, METRIC_GROUPS } from './table.ts'

export const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

interface Family {
  readonly type: 'counter' | 'gauge'
  readonly help: string
  readonly lines: string[]
}

/**
 * Prometheus text of the samples; series of a name stand together, in order of first appearance.
 * @param details whether plugins' texts that are others at each look are shown, too
 */
export function toPrometheusText(samples: readonly MetricSample[], details = false): string {
  const families = new Map<string, Family>()
  for (const sample of samples) {
    const { own } = sample
    if (own !== undefined) {
      if (own.type === 'detail' && !details) continue
      add(families, legal(`${sample.group}_${sample.name}`), own.type, own.help, sample)
      continue
    }
    const [type, help] = METRIC_GROUPS[sample.group]?.[sample.name] ?? [
      typeof sample.value === 'string' ? 'text' : 'gauge',
      '',
    ]
    const name = metricName(domainOf(sample.group), sample.group, sample.name)
    add(families, name, type, help, sample)
    const alias = aliasOf(sample)
    if (alias !== undefined && alias !== name) add(families, alias, type, help, sample)
  }
  return text(families)
}

/** The JMX domain of a group: clients have their own. */
function domainOf(group: string): string {
  if (group.startsWith('consumer-')) return 'kafka_consumer'
  return group.startsWith('producer-') ? 'kafka_producer' : 'kafka_connect'
}

function add(
  families: Map<string, Family>,
  name: string,
  type: AttributeType | 'detail',
  help: string,
  sample: MetricSample,
): void {
  let family = families.get(name)
  if (family === undefined) {
    family = { type: type === 'counter' ? 'counter' : 'gauge', help, lines: [] }
    families.set(name, family)
  }
  family.lines.push(line(name, sample))
}

/** A text has the value 1 and the text in a label named like the attribute. */
function line(name: string, { name: attribute, labels, value }: MetricSample): string {
  const all = typeof value === 'string' ? { ...labels, [legal(attribute)]: value } : labels
  const inner = Object.entries(all).map(([label, text]) => `${legal(label)}="${escapeLabel(text)}"`)
  const suffix = inner.length === 0 ? '' : `{${inner.join(',')}}`
  return `${name}${suffix} ${typeof value === 'string' ? 1 : number(value)}`
}

/**
 * The name by the usual rules: the group without `-metrics`, worker metrics without the doubled word, and a task's
 * state as `kafka_connect_connector_status`.
 */
function aliasOf({ group, name, labels }: MetricSample): string | undefined {
  if (group === 'connector-task-metrics' && name === 'status') return 'kafka_connect_connector_status'
  if (group === 'connect-worker-metrics') return metricName('kafka_connect_worker', '', name)
  if (group === 'connect-worker-rebalance-metrics') return metricName('kafka_connect_worker_rebalance', '', name)
  if (group === 'connector-metrics' && name === 'status') return undefined
  if (group === 'connector-metrics') return metricName('kafka_connect', '', name)
  if (group.endsWith('-metrics') && labels.task !== undefined) {
    return metricName('kafka_connect', group.slice(0, -'-metrics'.length), name)
  }
  return undefined
}

/** Process figures under the names that Prometheus clients agree on. */
export function processText(): string {
  const { user, system } = process.cpuUsage()
  const memory = process.memoryUsage()
  return [
    ...single('process_cpu_seconds_total', 'counter', 'CPU time of the process in seconds.', (user + system) / 1e6),
    ...single('process_resident_memory_bytes', 'gauge', 'Resident memory of the process.', memory.rss),
    ...single('process_heap_bytes', 'gauge', 'JavaScript heap in use by the main thread.', memory.heapUsed),
    ...single(
      'process_start_time_seconds',
      'gauge',
      'Start of the process since the epoch.',
      Date.now() / 1000 - process.uptime(),
    ),
    '',
  ].join('\n')
}

function single(name: string, type: string, help: string, value: number): string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, `${name} ${number(value)}`]
}

function text(families: ReadonlyMap<string, Family>): string {
  const parts: string[] = []
  for (const [name, { type, help, lines }] of families) {
    if (help !== '') parts.push(`# HELP ${name} ${help.replace(/\\/g, '\\\\').replace(/\n/g, '\\n')}`)
    parts.push(`# TYPE ${name} ${type}`, ...lines)
  }
  return parts.length === 0 ? '' : `${parts.join('\n')}\n`
}

function metricName(prefix: string, group: string, attribute: string): string {
  return legal([prefix, group, attribute].filter((part) => part !== '').join('_')).toLowerCase()
}

function legal(name: string): string {
  return name.replace(/[^a-zA-Z0-9_]/g, '_')
}

function escapeLabel(text: string): string {
  return text.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n')
}

function number(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf'
  return String(value)
}
