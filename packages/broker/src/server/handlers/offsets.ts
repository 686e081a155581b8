// ListOffsets, OffsetForLeaderEpoch and DeleteRecords: where a log begins, ends, and what lies where in time.
import {
  DeleteRecords,
  ErrorCode,
  ListOffsets,
  OffsetForLeaderEpoch,
  type ReceivedRequest,
} from '@millrace/kafka/protocol'
import { BrokerError } from '../../errors.ts'
import type { PartitionLog } from '../../storage/partition-log.ts'
import { findByTime, findMaxTimestamp } from '../../storage/time-search.ts'
import { isInternal } from '../../topics/topic-name.ts'
import { type RequestContext, type Route, route } from '../route.ts'
import { checkLeaderEpoch } from './fetch.ts'

const LATEST = -1
const EARLIEST = -2
const MAX_TIMESTAMP = -3
const EARLIEST_LOCAL = -4
const LATEST_TIERED = -5
const EARLIEST_PENDING_UPLOAD = -6
const READ_COMMITTED = 1

interface Listed {
  readonly errorCode: number
  readonly timestamp: number
  readonly offset: number
  readonly leaderEpoch: number
}

const nowhere = (errorCode: number = ErrorCode.NONE): Listed => ({
  errorCode,
  timestamp: -1,
  offset: -1,
  leaderEpoch: -1,
})

function lookUp(log: PartitionLog, timestamp: number, committed: boolean): Listed {
  const at = (offset: number): Listed => {
    const epoch = log.epochs.entries.findLast((e) => e.startOffset <= offset)?.epoch ?? log.leaderEpoch
    return { errorCode: ErrorCode.NONE, timestamp: -1, offset, leaderEpoch: epoch }
  }
  switch (timestamp) {
    case LATEST:
      return at(log.readLimit(committed))
    case EARLIEST:
    case EARLIEST_LOCAL:
      return at(log.startOffset)
    case MAX_TIMESTAMP: {
      const found = findMaxTimestamp(log)
      return found === undefined ? nowhere() : { errorCode: ErrorCode.NONE, ...found }
    }
    case LATEST_TIERED:
    case EARLIEST_PENDING_UPLOAD:
      return nowhere() // Nothing is tiered here.
    default: {
      if (timestamp < 0) return nowhere(ErrorCode.UNSUPPORTED_VERSION)
      const found = findByTime(log, timestamp, log.readLimit(committed))
      return found === undefined ? nowhere() : { errorCode: ErrorCode.NONE, ...found }
    }
  }
}

function listOffsets(request: ReceivedRequest<typeof ListOffsets>, { services, version }: RequestContext) {
  const committed = request.isolationLevel === READ_COMMITTED
  const one = (topic: string, p: (typeof request.topics)[number]['partitions'][number]): Listed => {
    const log = services.topics.log(topic, p.partitionIndex)
    if (log === undefined) return nowhere(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
    const code = checkLeaderEpoch(log, p.currentLeaderEpoch)
    if (code !== ErrorCode.NONE) return nowhere(code)
    try {
      return lookUp(log, p.timestamp, committed)
    } catch (error) {
      if (error instanceof BrokerError) return nowhere(error.code)
      throw error
    }
  }
  return {
    throttleTimeMs: 0,
    topics: request.topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map((p) => {
        const listed = one(name, p)
        // Version 0 answered with a list of offsets.
        const oldStyleOffsets = version === 0 && listed.offset >= 0 ? [listed.offset] : []
        return { partitionIndex: p.partitionIndex, ...listed, oldStyleOffsets }
      }),
    })),
  }
}

function offsetForLeaderEpoch(request: ReceivedRequest<typeof OffsetForLeaderEpoch>, { services }: RequestContext) {
  return {
    throttleTimeMs: 0,
    topics: request.topics.map(({ topic, partitions }) => ({
      topic,
      partitions: partitions.map((p) => {
        const log = services.topics.log(topic, p.partition)
        const none = { partition: p.partition, leaderEpoch: -1, endOffset: -1 }
        if (log === undefined) return { ...none, errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION }
        const errorCode = checkLeaderEpoch(log, p.currentLeaderEpoch)
        if (errorCode !== ErrorCode.NONE) return { ...none, errorCode }
        if (p.leaderEpoch === log.leaderEpoch) {
          return { errorCode, partition: p.partition, leaderEpoch: p.leaderEpoch, endOffset: log.nextOffset }
        }
        const end = log.epochs.endOf(p.leaderEpoch, log.nextOffset)
        if (end === undefined || p.leaderEpoch > log.leaderEpoch) return { ...none, errorCode }
        return { errorCode, partition: p.partition, leaderEpoch: end.epoch, endOffset: end.endOffset }
      }),
    })),
  }
}

const TO_THE_END = -1

function deleteRecords(request: ReceivedRequest<typeof DeleteRecords>, { services }: RequestContext) {
  const one = (topic: string, partitionIndex: number, offset: number) => {
    const log = services.topics.log(topic, partitionIndex)
    const refused = (errorCode: number) => ({ partitionIndex, lowWatermark: -1, errorCode })
    if (log === undefined) return refused(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
    // A topic that is only compacted keeps the last value of every key: nothing may be cut off it.
    if (isInternal(topic)) return refused(ErrorCode.INVALID_TOPIC_EXCEPTION)
    if (!log.config.delete) return refused(ErrorCode.POLICY_VIOLATION)
    try {
      const lowWatermark = log.deleteRecordsBefore(offset === TO_THE_END ? log.nextOffset : offset)
      return { partitionIndex, lowWatermark, errorCode: ErrorCode.NONE }
    } catch (error) {
      if (error instanceof BrokerError) return refused(error.code)
      throw error
    }
  }
  return {
    throttleTimeMs: 0,
    topics: request.topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map((p) => one(name, p.partitionIndex, p.offset)),
    })),
  }
}

export const offsetRoutes: readonly Route[] = [
  route(ListOffsets, listOffsets),
  route(OffsetForLeaderEpoch, offsetForLeaderEpoch),
  route(DeleteRecords, deleteRecords),
]
