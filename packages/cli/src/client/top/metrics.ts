// Figures of tasks from Prometheus text: this worker's /metrics, or what a JMX exporter beside a JVM's worker serves.

/** What one connector moves: counters since its tasks started, and how far behind it is. */
export interface Figures {
  /** Records written to Kafka by a source, or handed to a sink. */
  readonly records: number
  readonly bytes?: number
  /** Records that a sink has not read yet; undefined where that is not told. */
  readonly lag?: number
}

/** The usual rules of exporters differ in small things: `task_metrics` or `task`, a `_total` or none. */
const RECORDS =
  /^kafka_connect_(?:source_task(?:_metrics)?_source_record_write|sink_task(?:_metrics)?_sink_record_send)_total$/
const LAG = /^kafka_(?:connect_sink_task(?:_metrics)?_consumer_lag|consumer_fetch_manager(?:_metrics)?_records_lag)$/
const SAMPLE = /^([a-zA-Z_:][\w:]*)\{(.*)\}\s+(\S+)/
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g

/** Sums by connector. Samples without a `connector` label are left out. */
export function figuresOf(text: string): Map<string, Figures> {
  const sums = new Map<string, { records: number; lag?: number }>()
  for (const line of text.split('\n')) {
    const sample = SAMPLE.exec(line)
    if (sample === null) continue
    const [, name, labels, value] = sample as unknown as [string, string, string, string]
    const isLag = LAG.test(name)
    if (!isLag && !RECORDS.test(name)) continue
    const connector = labelOf(labels, 'connector')
    const number = Number(value)
    if (connector === undefined || !Number.isFinite(number)) continue
    const sum = sums.get(connector) ?? { records: 0 }
    if (isLag) sum.lag = (sum.lag ?? 0) + number
    else sum.records += number
    sums.set(connector, sum)
  }
  return sums
}

function labelOf(labels: string, wanted: string): string | undefined {
  for (const [, name, value] of labels.matchAll(LABEL)) {
    if (name === wanted) return value!.replace(/\\(["\\n])/g, (_all, one: string) => (one === 'n' ? '\n' : one))
  }
  return undefined
}
