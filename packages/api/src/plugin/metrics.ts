// Metrics of a plugin's own: what a task counts and the runtime does not know of.

/**
 * What an attribute shows: a number; a boolean as 1 or 0; a text in a label of a series with the value 1; a map as one series
 * for each key. Null shows nothing.
 */
export type MetricValue = number | bigint | boolean | string | ReadonlyMap<string, number> | null

/** One attribute of a {@link MetricGroup}. */
export interface Metric {
  /**
   * `counter`: a number that grows while the task lives. `gauge`: any number or boolean. `text`: a text with few values, such as a
   * state. `detail`: a text that is another one at almost every look, such as a position: it is shown only to those who ask
   * for details, as each of its values would be a series of its own in the database of metrics.
   */
  readonly type: 'counter' | 'gauge' | 'text' | 'detail'
  /** What it is, in one sentence, with the unit. */
  readonly help: string
  /** The value now. Called at every look at the worker's metrics, from start to stop and after: it must be quick, and not throw. */
  read(): MetricValue
  /** Name of the label that has the keys of a map; `key` without it. */
  readonly keyLabel?: string
}

/** Metrics that belong together: an MBean of the reference's world. */
export interface MetricGroup {
  /** First part of each metric's name: with the group `debezium_metrics` the attribute `Connected` is `debezium_metrics_Connected`. */
  readonly name: string
  /** Labels of all its series. The runtime adds `connector` and `task`. */
  readonly labels: Readonly<Record<string, string>>
  /** By name. Names keep their case; characters that a name may not have become underscores. */
  readonly attributes: Readonly<Record<string, Metric>>
}

/** Takes a task's metrics to where the worker shows its own. */
export interface MetricRegistry {
  /** Shows a group for as long as the task is there. One with the name and labels of another replaces it. */
  add(group: MetricGroup): void
}
