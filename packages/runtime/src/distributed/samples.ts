// Several values of one metrics group and one set of labels.
import type { MetricSample } from '../plane/messages.ts'

/** A sample for each value, by its name. */
export function samplesOf(
  group: string,
  labels: Readonly<Record<string, string>>,
  values: Readonly<Record<string, number | string>>,
): MetricSample[] {
  return Object.entries(values).map(([name, value]) => ({ group, name, labels, value }))
}
