// Counters of a source task, bumped once a batch.
import { MaxAverage, MinMaxAverage, Rate } from './statistics.ts'

/** Counts and times of one source task. */
export class SourceMetrics {
  polled = 0
  written = 0
  readonly pollBatchMs = new MaxAverage()
  readonly batchSize = new MaxAverage()
  readonly commitMs = new MaxAverage()
  readonly activeCount = new MaxAverage()
  /** Records of each committed transaction; nothing without exactly-once delivery. */
  readonly transactionSize = new MinMaxAverage()
  readonly pollRate = new Rate(() => this.polled)
  readonly writeRate = new Rate(() => this.written)
  commitSuccesses = 0
  commitFailures = 0
  /** Polled, not yet written. */
  active = 0
  activeMax = 0

  polledBatch(count: number, ms: number): void {
    this.polled += count
    this.active += count
    if (this.active > this.activeMax) this.activeMax = this.active
    this.activeCount.add(this.active)
    this.pollBatchMs.add(ms)
    this.batchSize.add(count)
  }
  wrote(count: number): void {
    this.written += count
    this.active -= count
  }
  dropped(count: number): void {
    this.active -= count
  }
}
