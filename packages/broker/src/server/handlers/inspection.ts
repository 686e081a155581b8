// DescribeLogDirs, DescribeProducers and DescribeAcls: what admins look at.
import fs from 'node:fs'
import {
  DescribeAcls,
  DescribeLogDirs,
  DescribeProducers,
  ErrorCode,
  type ReceivedRequest,
} from '@millrace/kafka/protocol'
import { type RequestContext, type Route, route } from '../route.ts'

function describeLogDirs(request: ReceivedRequest<typeof DescribeLogDirs>, { services }: RequestContext) {
  const wanted =
    request.topics === null
      ? services.topics.list().map((t) => ({ topic: t.name, partitions: t.logs.map((log) => log.partition) }))
      : request.topics
  const topics = wanted.flatMap(({ topic, partitions }) => {
    const found = partitions.flatMap((partitionIndex) => {
      const log = services.topics.log(topic, partitionIndex)
      return log === undefined ? [] : [{ partitionIndex, partitionSize: log.size, offsetLag: 0, isFutureKey: false }]
    })
    return found.length === 0 ? [] : [{ name: topic, partitions: found }]
  })
  const disk = fs.statfsSync(services.dataDirectory)
  return {
    throttleTimeMs: 0,
    errorCode: ErrorCode.NONE,
    results: [
      {
        errorCode: ErrorCode.NONE,
        logDir: services.dataDirectory,
        topics,
        totalBytes: disk.blocks * disk.bsize,
        usableBytes: disk.bavail * disk.bsize,
      },
    ],
  }
}

function describeProducers(request: ReceivedRequest<typeof DescribeProducers>, { services }: RequestContext) {
  return {
    throttleTimeMs: 0,
    topics: request.topics.map(({ name, partitionIndexes }) => ({
      name,
      partitions: partitionIndexes.map((partitionIndex) => {
        const log = services.topics.log(name, partitionIndex)
        return {
          partitionIndex,
          errorCode: log === undefined ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION : ErrorCode.NONE,
          errorMessage: null,
          activeProducers: [...(log?.producers.entries() ?? [])].map((p) => ({
            producerId: p.producerId,
            producerEpoch: p.epoch,
            lastSequence: p.batches.at(-1)?.lastSequence ?? -1,
            lastTimestamp: p.lastTimestamp,
            coordinatorEpoch: p.coordinatorEpoch,
            currentTxnStartOffset: p.transactionStart,
          })),
        }
      }),
    })),
  }
}

export const inspectionRoutes: readonly Route[] = [
  route(DescribeLogDirs, describeLogDirs),
  route(DescribeProducers, describeProducers),
  route(DescribeAcls, () => ({
    throttleTimeMs: 0,
    errorCode: ErrorCode.SECURITY_DISABLED,
    errorMessage: 'No Authorizer is configured.',
    resources: [],
  })),
]
