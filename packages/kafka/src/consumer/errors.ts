// Errors that only a consumer has, under the Java consumer's names.
import type { TopicPartition } from '@millrace/api'
import { brokerError, KafkaException } from '../errors.ts'
import { ErrorCode } from '../protocol/index.ts'

/** The member's generation is over: what it tried to commit may have been handed to others. Poll, and go on from there. */
export function commitFailed(groupId: string, why: string, errorCode = 0): KafkaException {
  return new KafkaException(
    `Offsets of group "${groupId}" cannot be committed: ${why}. The group has rebalanced and the partitions may belong to ` +
      'other members, which read these records again. If that was because polls came too far apart, raise max.poll.interval.ms or lower max.poll.records.',
    { exception: 'CommitFailedException', errorCode },
  )
}

/** A commit met a rebalance: the next poll finishes it; what is still owned then can be committed. */
export function rebalanceInProgress(groupId: string): KafkaException {
  return new KafkaException(
    `Offsets of group "${groupId}" cannot be committed while it rebalances: poll first, then commit what is still assigned.`,
    { exception: 'RebalanceInProgressException', errorCode: ErrorCode.REBALANCE_IN_PROGRESS },
  )
}

/** `poll` was ended by its signal or by `wakeup`. Nothing was handed out. */
export function wokenUp(cause?: unknown): KafkaException {
  return new KafkaException('The consumer was woken up while it polled.', { exception: 'WakeupException', cause })
}

/** True for the error of {@link wokenUp}. */
export function isWakeup(error: unknown): boolean {
  return error instanceof KafkaException && error.name === 'WakeupException'
}

/** No committed offset, and `auto.offset.reset` is `none`. */
export function noOffset(partitions: readonly TopicPartition[], groupId: string | null): KafkaException {
  return new KafkaException(
    `There is no committed offset of group "${groupId ?? ''}" for ${named(partitions)}, and auto.offset.reset is none. ` +
      'Seek, commit an offset, or set auto.offset.reset to earliest or latest.',
    { exception: 'NoOffsetForPartitionException' },
  )
}

/** The position is not in the log, and `auto.offset.reset` is `none`. */
export function outOfRange(partition: TopicPartition, offset: number): KafkaException {
  return new KafkaException(
    `Offset ${offset} of ${named([partition])} is not in the log any more, or not yet, and auto.offset.reset is none. ` +
      'Seek, or set auto.offset.reset to earliest or latest.',
    { exception: 'OffsetOutOfRangeException', errorCode: ErrorCode.OFFSET_OUT_OF_RANGE },
  )
}

/** The log was cut below the position (KIP-320), and `auto.offset.reset` is `none`. */
export function truncated(partition: TopicPartition, offset: number, end: number): KafkaException {
  return new KafkaException(
    `The log of ${named([partition])} was truncated to offset ${end < 0 ? 'unknown' : end} after records up to ${offset} had been read, and auto.offset.reset is none. ` +
      'Those records are gone from the topic. Seek to go on.',
    { exception: 'LogTruncationException' },
  )
}

/** What a broker answered to a commit, as the caller should see it. */
export function commitFault(code: number, groupId: string, what: string): KafkaException {
  switch (code) {
    case ErrorCode.UNKNOWN_MEMBER_ID:
      return commitFailed(groupId, 'the coordinator does not know this member', code)
    case ErrorCode.ILLEGAL_GENERATION:
      return commitFailed(groupId, "this member's generation is over", code)
    case ErrorCode.STALE_MEMBER_EPOCH:
      return commitFailed(groupId, "this member's epoch is over", code)
    case ErrorCode.REBALANCE_IN_PROGRESS:
      return rebalanceInProgress(groupId)
    default:
      return brokerError(code, `Committing the offset of ${what} for group "${groupId}"`)
  }
}

function named(partitions: readonly TopicPartition[]): string {
  return partitions.map(({ topic, partition }) => `${topic}-${partition}`).join(', ')
}
