// The report of a contest: medians per contestant, and each contestant against the JVM reference.
import type { JobResult } from './measure.ts'

const REFERENCE = 'jvm'

/** A line of the report: how the figure is had of a round (NaN when the round has none), and whether more of it is better. */
export type Measure<T> = readonly [label: string, of: (round: T) => number, better: 'more' | 'less']

/** The lines of one job. */
export function jobMeasures<T>(job: string, of: (round: T) => JobResult | undefined): Measure<T>[] {
  return [
    [`${job}: records per CPU s`, (one) => of(one)?.recordsPerCpuSecond ?? Number.NaN, 'more'],
    [`${job}: records per s`, (one) => of(one)?.recordsPerSecond ?? Number.NaN, 'more'],
    [`${job}: peak RSS, MB`, (one) => of(one)?.peakRssMb ?? Number.NaN, 'less'],
  ]
}

/** Prints tables of medians and of ratios to the reference. */
export function printReport<T extends { readonly contestant: string }>(
  results: readonly T[],
  measures: readonly Measure<T>[],
): void {
  const names = [...new Set(results.map((one) => one.contestant))]
  const rows: Record<string, Record<string, string>> = {}
  for (const [label, measure, better] of measures) {
    const medians = new Map(
      names.map((name) => [name, median(results.filter((one) => one.contestant === name).map(measure))]),
    )
    const row: Record<string, string> = {}
    for (const name of names) row[name] = format(medians.get(name) ?? Number.NaN)
    const reference = medians.get(REFERENCE)
    for (const name of names.filter((one) => one !== REFERENCE)) {
      if (reference === undefined) continue
      const own = medians.get(name) ?? Number.NaN
      row[`${name} against ${REFERENCE}`] = `${format(better === 'more' ? own / reference : reference / own)}x`
    }
    rows[label] = row
  }
  console.table(rows)
}

function median(values: readonly number[]): number {
  const sorted = values.filter((one) => !Number.isNaN(one)).sort((a, b) => a - b)
  if (sorted.length === 0) return Number.NaN
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2
}

function format(value: number): string {
  if (Number.isNaN(value)) return ''
  return value >= 1000 ? Math.round(value).toLocaleString('en') : value.toPrecision(3)
}
