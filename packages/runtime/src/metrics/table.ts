// The reference's metrics of Connect: groups, attributes and what they mean. Names, types and help texts of /metrics come from here.

/** What an attribute is: a number that only grows, any number, or a text (shown as a label of a series with the value 1). */
export type AttributeType = 'counter' | 'gauge' | 'text'

/** Attributes of a group by name: type and help. */
export type GroupTable = Readonly<Record<string, readonly [AttributeType, string]>>

const startups = (what: string): GroupTable => ({
  [`${what}-startup-attempts-total`]: ['counter', `Starts of ${what}s attempted by this worker.`],
  [`${what}-startup-success-total`]: ['counter', `Starts of ${what}s that succeeded.`],
  [`${what}-startup-success-percentage`]: ['gauge', `Share of starts of ${what}s that succeeded, 0 to 1.`],
  [`${what}-startup-failure-total`]: ['counter', `Starts of ${what}s that failed.`],
  [`${what}-startup-failure-percentage`]: ['gauge', `Share of starts of ${what}s that failed, 0 to 1.`],
})

const taskCounts: GroupTable = Object.fromEntries(
  ['total', 'running', 'paused', 'failed', 'unassigned', 'destroyed', 'restarting'].map((state) => [
    `connector-${state}-task-count`,
    [
      'gauge',
      state === 'total' ? 'Tasks of the connector on this worker.' : `Tasks of the connector that are ${state}.`,
    ],
  ]),
)

/** All groups. Attributes that are not here are shown too, without help. */
export const METRIC_GROUPS: Readonly<Record<string, GroupTable>> = {
  'connector-metrics': {
    status: ['text', 'State of the connector.'],
    'connector-type': ['text', 'Type of the connector.'],
    'connector-class': ['text', 'Class of the connector.'],
    'connector-version': ['text', 'Version of the connector.'],
  },
  'connector-task-metrics': {
    status: ['text', 'State of the task.'],
    'running-ratio': ['gauge', 'Share of time that the task was running, 0 to 1.'],
    'pause-ratio': ['gauge', 'Share of time that the task was paused, 0 to 1.'],
    'offset-commit-max-time-ms': ['gauge', 'Longest time of an offset commit in milliseconds.'],
    'offset-commit-avg-time-ms': ['gauge', 'Average time of an offset commit in milliseconds.'],
    'offset-commit-failure-percentage': ['gauge', 'Share of offset commits that failed, 0 to 1.'],
    'offset-commit-success-percentage': ['gauge', 'Share of offset commits that succeeded, 0 to 1.'],
    'batch-size-max': ['gauge', 'Largest number of records in a batch.'],
    'batch-size-avg': ['gauge', 'Average number of records in a batch.'],
    'connector-class': ['text', 'Class of the connector.'],
    'connector-type': ['text', 'Type of the connector.'],
    'connector-version': ['text', 'Version of the connector.'],
    'task-class': ['text', 'Class of the task.'],
    'task-version': ['text', 'Version of the task.'],
    'key-converter-class': ['text', 'Class of the key converter.'],
    'key-converter-version': ['text', 'Version of the key converter.'],
    'value-converter-class': ['text', 'Class of the value converter.'],
    'value-converter-version': ['text', 'Version of the value converter.'],
    'header-converter-class': ['text', 'Class of the header converter.'],
    'header-converter-version': ['text', 'Version of the header converter.'],
  },
  'connector-transform-metrics': {
    'transform-class': ['text', 'Class of the transformation.'],
    'transform-version': ['text', 'Version of the transformation.'],
    'apply-avg-time-ms': [
      'gauge',
      'Average time of the transformation of a record in milliseconds; one in 256 is timed.',
    ],
    'apply-max-time-ms': [
      'gauge',
      'Longest time of the transformation of a record in milliseconds; one in 256 is timed.',
    ],
  },
  'connector-predicate-metrics': {
    'predicate-class': ['text', 'Class of the predicate.'],
    'predicate-version': ['text', 'Version of the predicate.'],
  },
  'source-task-metrics': {
    'source-record-poll-rate': ['gauge', 'Records a second polled, before transformations.'],
    'source-record-poll-total': ['counter', 'Records polled, before transformations.'],
    'source-record-write-rate': ['gauge', 'Records a second acknowledged by Kafka.'],
    'source-record-write-total': ['counter', 'Records acknowledged by Kafka.'],
    'poll-batch-max-time-ms': ['gauge', 'Longest time of a poll in milliseconds.'],
    'poll-batch-avg-time-ms': ['gauge', 'Average time of a poll in milliseconds.'],
    'source-record-active-count': ['gauge', 'Records polled and not yet acknowledged.'],
    'source-record-active-count-max': ['gauge', 'Most records polled and not yet acknowledged.'],
    'source-record-active-count-avg': ['gauge', 'Average of records polled and not yet acknowledged.'],
    'transaction-size-min': ['gauge', 'Fewest records in a transaction.'],
    'transaction-size-max': ['gauge', 'Most records in a transaction.'],
    'transaction-size-avg': ['gauge', 'Average of records in a transaction.'],
  },
  'sink-task-metrics': {
    'sink-record-read-rate': ['gauge', 'Records a second read from Kafka, before transformations.'],
    'sink-record-read-total': ['counter', 'Records read from Kafka, before transformations.'],
    'sink-record-send-rate': ['gauge', 'Records a second put to the task.'],
    'sink-record-send-total': ['counter', 'Records put to the task.'],
    'sink-record-lag-max': ['gauge', 'Largest number of records that the task is behind in a partition.'],
    'consumer-lag': ['gauge', 'Records that the task is behind, over its partitions.'],
    'partition-lag': ['gauge', 'Records that the task is behind in a partition, as of the last fetch.'],
    'partition-count': ['gauge', 'Partitions assigned to the task.'],
    'offset-commit-seq-no': ['gauge', 'Number of the current offset commit.'],
    'offset-commit-completion-rate': ['gauge', 'Offset commits a second that completed.'],
    'offset-commit-completion-total': ['counter', 'Offset commits that completed.'],
    'offset-commit-skip-rate': ['gauge', 'Offset commits a second that came too late and were ignored.'],
    'offset-commit-skip-total': ['counter', 'Offset commits that came too late and were ignored.'],
    'put-batch-max-time-ms': ['gauge', 'Longest time of a put in milliseconds.'],
    'put-batch-avg-time-ms': ['gauge', 'Average time of a put in milliseconds.'],
    'sink-record-active-count': ['gauge', 'Records read and not yet committed.'],
    'sink-record-active-count-max': ['gauge', 'Most records read and not yet committed.'],
    'sink-record-active-count-avg': ['gauge', 'Average of records read and not yet committed.'],
  },
  'task-error-metrics': {
    'total-record-failures': ['counter', 'Operations on records that failed, each attempt counted.'],
    'total-record-errors': ['counter', 'Records that failed for good.'],
    'total-records-skipped': ['counter', 'Records skipped because of errors.'],
    'total-retries': ['counter', 'Operations tried again.'],
    'total-errors-logged': ['counter', 'Errors written to the log.'],
    'deadletterqueue-produce-requests': ['counter', 'Records sent to the dead letter queue.'],
    'deadletterqueue-produce-failures': ['counter', 'Records that could not be sent to the dead letter queue.'],
    'last-error-timestamp': ['gauge', 'Time of the last error, milliseconds since the epoch.'],
  },
  'connect-worker-metrics': {
    'connector-count': ['gauge', 'Connectors on this worker.'],
    'task-count': ['gauge', 'Tasks on this worker.'],
    ...startups('connector'),
    ...startups('task'),
    ...taskCounts,
  },
  'connect-worker-rebalance-metrics': {
    'connect-protocol': ['text', 'Protocol of the group: EAGER, COMPATIBLE or SESSIONED.'],
    'leader-name': ['text', 'URL of the leader of the group.'],
    epoch: ['gauge', 'Generation of the group, -1 for none.'],
    'completed-rebalances-total': ['counter', 'Rebalances of this worker that were completed.'],
    rebalancing: ['gauge', '1 while this worker rebalances, 0 otherwise.'],
    'rebalance-max-time-ms': ['gauge', 'Longest time of a rebalance in milliseconds.'],
    'rebalance-avg-time-ms': ['gauge', 'Average time of a rebalance in milliseconds.'],
    'time-since-last-rebalance-ms': ['gauge', 'Milliseconds since the last rebalance was completed.'],
  },
  'connect-coordinator-metrics': {
    'assigned-connectors': ['gauge', 'Connectors assigned to this worker.'],
    'assigned-tasks': ['gauge', 'Tasks assigned to this worker.'],
    'rebalance-total': ['counter', 'Rebalances of this worker that were completed.'],
    'rebalance-latency-total': ['counter', 'Milliseconds of all rebalances.'],
    'rebalance-latency-avg': ['gauge', 'Average time of a rebalance in milliseconds.'],
    'rebalance-latency-max': ['gauge', 'Longest time of a rebalance in milliseconds.'],
    'last-rebalance-seconds-ago': ['gauge', 'Seconds since the last rebalance, -1 for none.'],
  },
  'consumer-fetch-manager-metrics': {
    'records-lag': ['gauge', 'Records that the consumer is behind in a partition, as of the last fetch.'],
    'records-lag-max': ['gauge', 'Records that the consumer is behind in the partition where they are most.'],
    'records-consumed-total': ['counter', 'Records handed out.'],
    'bytes-consumed-total': ['counter', 'Bytes fetched.'],
    'fetch-total': ['counter', 'Fetches answered.'],
  },
  'producer-metrics': {
    'record-send-total': ['counter', 'Records acknowledged.'],
    'record-error-total': ['counter', 'Records that could not be written.'],
    'record-retry-total': ['counter', 'Records sent again.'],
    'outgoing-byte-total': ['counter', 'Bytes of acknowledged batches.'],
    'request-total': ['counter', 'Requests sent.'],
    'request-latency-max': ['gauge', 'Longest time of a request in milliseconds.'],
    'batch-size-max': ['gauge', 'Bytes of the largest batch.'],
  },
  'connect-auto-restart-metrics': {
    'auto-restarts-total': ['counter', 'Restarts of failed connectors and tasks by this worker itself.'],
    'auto-restarts-given-up-total': ['counter', 'Failures after which no restart was left.'],
    'auto-restarts-waiting': ['gauge', 'Failed connectors and tasks that wait for their restart.'],
  },
  'task-progress-metrics': {
    progress: ['text', 'How the task gets on: running, idle, behind or stalled; else its state.'],
    stalled: ['gauge', '1 while the task is stalled, 0 otherwise.'],
    'progress-time-ms': ['gauge', 'Milliseconds since it is so.'],
  },
  'task-rate-limit-metrics': {
    'records-per-second-limit': ['gauge', 'Records a second that the task is held to, 0 for no limit.'],
    'bytes-per-second-limit': ['gauge', 'Bytes a second that the task is held to, 0 for no limit.'],
    'wait-time-ms-total': ['counter', 'Milliseconds that the task waited because of its limits.'],
  },
  'app-info': {
    version: ['text', 'Version of the worker.'],
    'commit-id': ['text', 'Build of the worker.'],
    'start-time-ms': ['gauge', 'Start of the worker, milliseconds since the epoch.'],
  },
}
