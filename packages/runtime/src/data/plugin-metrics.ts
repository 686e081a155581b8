// The metrics that a task's plugin counts itself, as samples.
import { errorMessage, type Logger, type Metric, type MetricGroup, type MetricRegistry } from '@millrace/api'
import type { MetricSample, TaskId } from '../plane/messages.ts'

/** The groups of one task. */
export class PluginMetrics implements MetricRegistry {
  readonly #groups = new Map<string, MetricGroup>()
  readonly #id: TaskId
  readonly #log: Logger
  readonly #told = new Set<string>()

  constructor(id: TaskId, log: Logger) {
    this.#id = id
    this.#log = log
  }

  add(group: MetricGroup): void {
    this.#groups.set(`${group.name} ${JSON.stringify(group.labels)}`, group)
  }

  /** Samples of now. An attribute whose reading fails is left out, and told of once. */
  samples(): MetricSample[] {
    const out: MetricSample[] = []
    for (const { name: group, labels: own, attributes } of this.#groups.values()) {
      const labels = { ...own, connector: this.#id.connector, task: String(this.#id.task) }
      for (const [name, metric] of Object.entries(attributes)) this.#read(out, group, name, metric, labels)
    }
    return out
  }

  #read(
    out: MetricSample[],
    group: string,
    name: string,
    metric: Metric,
    labels: Readonly<Record<string, string>>,
  ): void {
    const { type, help, keyLabel = 'key' } = metric
    const own = { type, help }
    try {
      const value = metric.read()
      if (value === null) return
      if (typeof value === 'object') {
        for (const [key, one] of value)
          out.push({ group, name, labels: { ...labels, [keyLabel]: key }, value: one, own })
      } else out.push({ group, name, labels, value: typeof value === 'string' ? value : Number(value), own })
    } catch (error) {
      const what = `${group}_${name}`
      if (this.#told.has(what)) return
      this.#told.add(what)
      this.#log.warn(`The metric ${what} cannot be read: ${errorMessage(error)}`, { error })
    }
  }
}
