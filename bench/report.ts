// The contest's report: medians per contestant, and each contestant against the JVM reference.
import type { RoundResult } from './contest.ts'

const REFERENCE = 'jvm'

/** Prints tables of medians and of ratios to the reference. */
export function printReport(results: readonly RoundResult[]): void {
  const names = [...new Set(results.map((one) => one.contestant))]
  const rows: Record<string, Record<string, string>> = {}
  for (const [label, measure, better] of measures(results)) {
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

type Measure = readonly [label: string, of: (result: RoundResult) => number, better: 'more' | 'less']

function measures(results: readonly RoundResult[]): Measure[] {
  const jobs = Object.keys(results[0]?.jobs ?? {})
  return [
    ['start to first REST answer, s', (one) => one.startSeconds, 'less'],
    ['start, CPU s', (one) => one.startCpuSeconds, 'less'],
    ['idle RSS, MB', (one) => one.idleRssMb, 'less'],
    ['processes', (one) => one.processes, 'less'],
    ...jobs.flatMap((job): Measure[] => [
      [`${job}: records per CPU s`, (one) => one.jobs[job]?.recordsPerCpuSecond ?? Number.NaN, 'more'],
      [`${job}: records per s`, (one) => one.jobs[job]?.recordsPerSecond ?? Number.NaN, 'more'],
      [`${job}: peak RSS, MB`, (one) => one.jobs[job]?.peakRssMb ?? Number.NaN, 'less'],
    ]),
  ]
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2
}

function format(value: number): string {
  return value >= 1000 ? Math.round(value).toLocaleString('en') : value.toPrecision(3)
}
