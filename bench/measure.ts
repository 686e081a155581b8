// One measurement: what a worker used, and how long, from the moment work is given to it until all of it has arrived.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Worker } from './contestant.ts'
import { cpuSeconds, peakMb, resetPeak } from './process.ts'

const LOOK_MS = 20
const TIMEOUT_MS = 10 * 60_000

/** One measured run of one job. */
export interface JobResult {
  readonly records: number
  readonly wallSeconds: number
  readonly cpuSeconds: number
  readonly recordsPerCpuSecond: number
  readonly recordsPerSecond: number
  readonly peakRssMb: number
}

/** What is measured. */
export interface Measured {
  /** For messages. */
  readonly name: string
  readonly records: number
  /** Gives the worker its work. */
  begin(): Promise<void>
  /** Records at the destination so far. */
  arrived(): Promise<number>
}

/** @throws Error when not all records have arrived within ten minutes */
export async function measure(worker: Worker, { name, records, begin, arrived }: Measured): Promise<JobResult> {
  resetPeak(worker.pid)
  const cpuBefore = cpuSeconds(worker.pid)
  const began = performance.now()
  await begin()
  await arrival(name, records, arrived)
  const wallSeconds = (performance.now() - began) / 1000
  const cpu = cpuSeconds(worker.pid) - cpuBefore
  return {
    records,
    wallSeconds,
    cpuSeconds: cpu,
    recordsPerCpuSecond: records / cpu,
    recordsPerSecond: records / wallSeconds,
    peakRssMb: peakMb(worker.pid),
  }
}

/** Resolves when `records` have arrived. @throws Error when they have not within ten minutes */
export async function arrival(name: string, records: number, arrived: () => Promise<number>): Promise<void> {
  const deadline = performance.now() + TIMEOUT_MS
  for (let count = 0; count < records; count = await arrived()) {
    if (performance.now() > deadline) throw new Error(`${name}: ${count} of ${records} records after ${TIMEOUT_MS} ms`)
    await sleep(LOOK_MS)
  }
}
