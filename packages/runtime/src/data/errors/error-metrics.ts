// Counters of `task-error-metrics`.

/** Counts of one task. */
export class ErrorMetrics {
  /** Every failed attempt. */
  failures = 0
  /** Records that failed for good. */
  errors = 0
  skipped = 0
  retries = 0
  logged = 0
  dlqRequests = 0
  dlqFailures = 0
  /** Milliseconds since the epoch, 0 for never. */
  lastErrorTimestamp = 0
}
