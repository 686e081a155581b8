// Those who are told of a failed record: the log, and the dead letter queue.
import type { Logger } from '@millrace/api'
import type { ErrorMetrics } from './error-metrics.ts'
import type { ConsumedRecord, Failure } from './stages.ts'

/** Told of every failed record, before the task goes on or fails. The promise, if any, settles when the report is safe. */
export interface Reporter {
  report(failure: Failure): Promise<void> | undefined
  close?(): Promise<void>
}

/** Writes failures into the log (`errors.log.enable`), with the record if `details` (`errors.log.include.messages`). */
export function logReporter(log: Logger, taskName: string, details: boolean, metrics: ErrorMetrics): Reporter {
  return {
    report: (failure) => {
      const where = details ? whereOf(failure) : ''
      log.error(
        `Error encountered in task ${taskName}. Executing stage '${failure.stage}' with class '${failure.className}'${where}.`,
        { error: failure.error },
      )
      metrics.logged++
      return undefined
    },
  }
}

function whereOf(failure: Failure): string {
  if (failure.consumed !== undefined) return `, where consumed record is ${consumedToString(failure.consumed)}`
  return failure.source === undefined ? '' : `, where source record is = ${failure.source}`
}

function consumedToString(record: ConsumedRecord): string {
  const { topic, partition, offset, timestamp, timestampType } = record
  return `{topic='${topic}', partition=${partition}, offset=${offset}, timestamp=${timestamp}, timestampType=${timestampType}}`
}
