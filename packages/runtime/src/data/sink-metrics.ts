// Counters of a sink task, bumped once a batch.
import { MaxAverage, Rate } from './statistics.ts'

/** Counts and times of one sink task. */
export class SinkMetrics {
  read = 0
  sent = 0
  partitions = 0
  readonly putBatchMs = new MaxAverage()
  readonly batchSize = new MaxAverage()
  readonly commitMs = new MaxAverage()
  readonly activeCount = new MaxAverage()
  readonly readRate = new Rate(() => this.read)
  readonly sendRate = new Rate(() => this.sent)
  readonly commitRate = new Rate(() => this.commitSuccesses)
  readonly skipRate = new Rate(() => this.commitSkips)
  commitSequence = 0
  commitSuccesses = 0
  commitFailures = 0
  commitSkips = 0
  /** Records behind the end of the assigned partitions, as of the last fetch. */
  lag = 0
  /** The same for the partition that is furthest behind. */
  lagMax = 0
  /** Consumed, not yet committed. */
  active = 0
  activeMax = 0
}
