// What a producer counts, bumped once a batch or request. Names follow the Java producer's metrics.

/** Counters since the producer was made; times in milliseconds. */
export interface ProducerMetrics {
  recordSendTotal: number
  recordErrorTotal: number
  recordRetryTotal: number
  /** Bytes of acknowledged batches as on the wire. */
  byteTotal: number
  batchTotal: number
  batchSplitTotal: number
  batchSizeMax: number
  requestTotal: number
  requestLatencyTotalMs: number
  requestLatencyMaxMs: number
  /** Time that batches waited before they were sent first. */
  recordQueueTimeTotalMs: number
  recordQueueTimeMaxMs: number
  produceThrottleTotalMs: number
}

export function newMetrics(): ProducerMetrics {
  return {
    recordSendTotal: 0,
    recordErrorTotal: 0,
    recordRetryTotal: 0,
    byteTotal: 0,
    batchTotal: 0,
    batchSplitTotal: 0,
    batchSizeMax: 0,
    requestTotal: 0,
    requestLatencyTotalMs: 0,
    requestLatencyMaxMs: 0,
    recordQueueTimeTotalMs: 0,
    recordQueueTimeMaxMs: 0,
    produceThrottleTotalMs: 0,
  }
}
